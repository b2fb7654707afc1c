internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Serving
internal import Wire

/// The Open Inference Protocol v2 over HTTP, with JSON and raw tensors.
enum OpenInferenceRoutes {
    /// Longest body of one request, no longer compressed: a batch of some million numbers.
    static let bodyBytesMax = 64 << 20
    /// Of a body that the front gathers: a batch of some hundred rows, or a picture.
    private static let frontBodyBytesMax = 2 << 20
    /// The front's event loop is held up no longer than it takes to compress so much.
    private static let frontCompressedBytesMax = 256 << 10
    static let predictionIDHeader = HTTPField.Name(InferenceExchange.predictionIDField)
    static let inferAction = "call inference"
    private static let jsonLengthHeader = HTTPField.Name(InferenceExchange.jsonLengthField)

    static func add(
        to router: Router<MartletRequestContext>, inference: InferenceParts, front: FrontCallList
    ) {
        let (plane, limiter, budget) = (inference.plane, inference.limiter, inference.bodyBudget)
        let exchange = InferenceExchange(plane: plane)
        front.setInference(
            FrontCall(
                role: .viewer, action: inferAction, takesRawTensors: true, bodyBytesMax: frontBodyBytesMax
            ) { request, principal in
                try limiter.admit(principal)
                guard let target = request.target else {
                    throw MartletError.notFound("There is nothing at this path.")
                }
                return try exchange.begin(
                    request.body, jsonLength: request.inferenceHeaderLength, model: target.model,
                    version: target.version,
                    finish: { $0.compressed(request.acceptEncoding, bytesMax: frontCompressedBytesMax) })
            })
        for path in modelPaths {
            router.post(path.appendingPath("infer")) { request, context in
                try limiter.admit(try context.require(.viewer, to: inferAction))
                let (model, version) = try target(context)
                let body = try await collect(request, budget)
                let answer = try await exchange.answer(
                    body.bytes, jsonLength: jsonLengthHeader.flatMap { request.headers[$0] }, model: model,
                    version: version)
                withExtendedLifetime(body.share) {}
                return answer.compressed(request.headers[.acceptEncoding]).response
            }
        }
        addServer(to: router, inference: inference)
        addModels(to: router, plane: plane)
        addRepository(to: router, repository: inference.repository)
        PredictRoutes.add(to: router, plane: plane, limiter: limiter, budget: budget)
    }

    /// A model as its endpoint serves it, and one version of it.
    static let modelPaths: [RouterPath] = ["/v2/models/:model", "/v2/models/:model/versions/:version"]

    /// A body as it was before it was compressed, and what it takes of the server's budget until it is forgotten.
    struct Body {
        let bytes: ByteBuffer
        let share: BodyBudget.Share?
    }

    static func collect(_ request: Request, _ budget: BodyBudget) async throws -> Body {
        let coding = try ContentCoding(contentEncoding: request.headers[.contentEncoding] ?? "")
        let sent = try await request.body.collect(upTo: bodyBytesMax)
        guard let coding else { return Body(bytes: sent, share: nil) }
        let share = BodyBudget.Share(budget)
        let bytes = try sent.withUnsafeReadableBytes { bytes in
            try coding.inflate(bytes, bytesMax: bodyBytesMax) { count throws(MartletError) in try share.take(count) }
        }
        return Body(bytes: ByteBuffer(bytes: bytes), share: share)
    }

    /// Model and version of the path, percent-decoded.
    static func target(_ context: MartletRequestContext) throws(MartletError) -> (String, Int?) {
        let model = try decoded(context.parameters.get("model") ?? "")
        guard let text = context.parameters.get("version") else { return (model, nil) }
        return (model, try version(text, of: model))
    }

    static func decoded(_ encoded: some StringProtocol) throws(MartletError) -> String {
        // Most names need no decoding, which costs more than the rest of routing.
        guard encoded.utf8.contains(UInt8(ascii: "%")) else { return String(encoded) }
        guard let text = encoded.removingPercentEncoding else {
            throw MartletError.invalid("The model's name is not percent-encoded UTF-8.")
        }
        return text
    }

    static func version(_ text: some StringProtocol, of model: String) throws(MartletError) -> Int {
        guard let version = Int(text), version > 0 else {
            throw MartletError.notFound("There is no version \(text) of \(model): versions are numbers from 1 on.")
        }
        return version
    }
}

extension FrontAnswer {
    /// The same answer from a route.
    var response: Response {
        var response = JSONResponse.bytes(body, status: .init(code: status), contentType: contentType)
        for field in fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            response.headers[name] = field.value
        }
        return response
    }
}
