internal import Domain
internal import NIOCore

/// What a call that the front answers takes from a plain request.
struct FrontRequest: Sendable {
    let head: PlainHead
    /// nil where the call is another than inference.
    let target: FrontInference.Target?
    let body: ByteBuffer

    /// As sent, percent-encoded.
    var path: String { head.path }
    var query: String? { head.query }
    var inferenceHeaderLength: String? { head.inferenceHeaderLength }
    var acceptEncoding: String? { head.acceptEncoding }
}

/// What it gives.
struct FrontAnswer: Sendable {
    var status = 200
    var contentType = "application/json"
    var body: [UInt8]
    /// Further fields, as they are written.
    var fields: [(name: String, value: String)] = []
}

/// A call that takes little time and is asked often. It runs on the event loop that has read the request: it must not hold that up.
struct FrontCall: Sendable {
    let role: Role
    /// What the role is needed for, to end the sentence "… may not".
    let action: String
    /// Whether its body may be other than JSON, if `Inference-Header-Content-Length` says so.
    let takesRawTensors: Bool
    /// Of a body that the front gathers; larger ones are streamed through the HTTP server.
    let bodyBytesMax: Int
    let answer: @Sendable (FrontRequest, Principal) throws -> FrontOutcome

    /// - Parameter answer: gives its answer at once, or what to wait for.
    init(
        role: Role, action: String, takesRawTensors: Bool = false,
        bodyBytesMax: Int = BodyBudgetMiddleware.smallBytesMax,
        outcome answer: @escaping @Sendable (FrontRequest, Principal) throws -> FrontOutcome
    ) {
        self.role = role
        self.action = action
        self.takesRawTensors = takesRawTensors
        self.bodyBytesMax = bodyBytesMax
        self.answer = answer
    }

    init(role: Role, action: String, answer: @escaping @Sendable (FrontRequest, Principal) async throws -> FrontAnswer)
    {
        self.init(role: role, action: action) { request, principal in
            FrontOutcome.waiting { try await answer(request, principal) }
        }
    }
}

/// What came of a call on the event loop.
enum FrontOutcome: Sendable {
    case answered(FrontAnswer)
    case waiting(@Sendable () async throws -> FrontAnswer)
}

/// The calls that the front answers, as routes are added to it while the server is put together.
final class FrontCallList {
    private(set) var calls = FrontCalls()

    func add(_ method: PlainHead.Method, _ path: String, _ call: FrontCall) {
        calls.fixed[method, default: [:]][path] = call
    }

    func setInference(_ call: FrontCall) { calls.inference = call }
}

/// The calls that the front answers, by their method and path.
struct FrontCalls: Sendable {
    fileprivate(set) var fixed: [PlainHead.Method: [String: FrontCall]] = [:]
    /// POST to a path that names a model.
    fileprivate(set) var inference: FrontCall?

    func call(_ head: PlainHead) -> (call: FrontCall, target: FrontInference.Target?)? {
        if let inference, head.method == .post, let target = FrontInference.target(head.path) {
            return (inference, target)
        }
        return fixed[head.method]?[head.path].map { ($0, nil) }
    }

    /// What is left of them in a process of one role.
    func served(by role: ServerConfiguration.Role) -> FrontCalls {
        var served = self
        for method in fixed.keys {
            served.fixed[method] = fixed[method]?.filter { RoleMiddleware.serves(role, path: $0.key) }
        }
        if !RoleMiddleware.serves(role, path: "/v2/models/any/infer") { served.inference = nil }
        return served
    }
}
