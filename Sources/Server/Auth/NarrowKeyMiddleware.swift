internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// Confines a narrow key's MLflow calls to its model and to what the key itself has made, and notes what it makes.
///
/// `AccessRules` has refused what has no rule; here the objects that a call names are looked at, before the call sees them.
struct NarrowKeyMiddleware: RouterMiddleware {
    let items: NarrowItemStore

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let principal = context.principal, let model = principal.onlyModel,
            let rule = NarrowRule(request.method, request.uri.path)
        else { return try await next(request, context) }
        guard let keyID = principal.keyID else { throw Self.refusal(model, "call this") }
        let scope = NarrowScope(items: items, model: model, keyID: keyID)
        var request = request
        var fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
        if request.method == .post || request.method == .patch {
            let body = try await request.body.collect(upTo: MLflowRoutes.bodyBytesMax)
            let value = body.readableBytes == 0 ? [:] : try JSONParser.parse(Array(buffer: body))
            guard let members = value.objectValue else { throw MartletError.invalid("The body must be a JSON object.") }
            fields = MLflowRequest(fields: members)
            // What was looked at is what the call sees, however another reader would take a member that is there twice.
            request.body = RequestBody(buffer: ByteBuffer(bytes: JSONPrinter.print(value)))
        }
        try await scope.check(rule, fields)
        let response = try await next(request, context)
        guard response.status == .ok, scope.isNoted(rule) else { return response }
        var answered = response
        let writer = BodyCollector()
        try await response.body.write(writer)
        let body = writer.box.bytes
        try await scope.note(rule, try JSONParser.parse(body))
        answered.body = ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        return answered
    }

    static func refusal(_ model: String, _ what: String) -> MartletError {
        MartletError(
            .permissionDenied,
            "This API key is confined to the model '\(model)' and to the runs, logged models and versions that it has made itself: it may not \(what)."
        )
    }
}

/// Keeps an answer that is written to it.
private struct BodyCollector: ResponseBodyWriter {
    final class Box { var bytes: [UInt8] = [] }
    let box = Box()

    mutating func write(_ buffer: ByteBuffer) async throws { box.bytes += Array(buffer: buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
