internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Serving
internal import Wire

/// The Open Inference Protocol v2 over HTTP with JSON tensors.
enum OpenInferenceRoutes {
    /// Longest body of one request: a batch of some million numbers.
    static let bodyBytesMax = 64 << 20
    static let predictionIDField = "Martlet-Prediction-Id"
    static let predictionIDHeader = HTTPField.Name(predictionIDField)
    private static let inferAction = "call inference"
    static let binaryHeader = HTTPField.Name("Inference-Header-Content-Length")

    static func add(to router: Router<MartletRequestContext>, services: Services, front: FrontCallList) {
        let plane = services.dataPlane
        front.setInference(
            FrontCall(
                role: .viewer, action: inferAction,
                outcome: { request, _ in
                    guard let target = FrontInference.target(request.path) else {
                        throw MartletError.notFound("There is nothing at this path.")
                    }
                    let asked = try OpenInferenceRequest.decode(Array(buffer: request.body))
                    switch try plane.begin(model: target.model, version: target.version, request: asked) {
                    case .answered(let response): return .answered(try frontAnswer(response))
                    case .waiting(let routed): return .waiting { try frontAnswer(try await plane.infer(routed)) }
                    }
                }))
        router.get("/v2") { _, _ in JSONResponse.bytes(OpenInferenceAnswer.serverMetadata(version: MartletVersion.text))
        }
        let draining = services.draining
        router.get("/v2/health/ready") { _, _ in
            let isReady = plane.isReady && !draining.hasBegun
            return try JSONResponse.make(["ready": isReady], status: isReady ? .ok : .serviceUnavailable)
        }
        router.get("/v2/models") { _, context in
            try context.require(.viewer, to: "list models")
            return JSONResponse.bytes(OpenInferenceAnswer.models(plane.endpointNames))
        }
        for path in ["/v2/models/:model", "/v2/models/:model/versions/:version"] {
            addModel(to: router, path: RouterPath(path), plane: plane)
        }
    }

    private static func frontAnswer(_ response: InferenceResponse) throws -> FrontAnswer {
        FrontAnswer(
            body: try OpenInferenceAnswer.encode(response),
            fields: [(predictionIDField, response.predictionID.rawValue)])
    }

    private static func addModel(to router: Router<MartletRequestContext>, path: RouterPath, plane: DataPlane) {
        router.get(path) { _, context in
            try context.require(.viewer, to: "read a model's metadata")
            let (model, version) = try target(context)
            return JSONResponse.bytes(
                OpenInferenceAnswer.modelMetadata(try plane.metadata(model: model, version: version)))
        }
        router.get(path.appendingPath("ready")) { _, context in
            try context.require(.viewer, to: "ask whether a model is ready")
            let (model, version) = try target(context)
            _ = try plane.metadata(model: model, version: version)
            return JSONResponse.bytes(OpenInferenceAnswer.modelReady(model))
        }
        router.post(path.appendingPath("infer")) { request, context in
            try context.require(.viewer, to: inferAction)
            let (model, version) = try target(context)
            return try await infer(request, model: model, version: version, plane: plane)
        }
    }

    private static func infer(
        _ request: Request, model: String, version: Int?, plane: DataPlane
    ) async throws -> Response {
        if let binaryHeader, request.headers[binaryHeader] != nil {
            throw MartletError.invalid(
                "Binary tensors (\(binaryHeader.rawName)) are not taken by this server: send JSON data "
                    + "(with tritonclient: binary_data=False for every input and output, and name the outputs).")
        }
        if let encoding = request.headers[.contentEncoding], encoding != "identity" {
            throw MartletError.invalid("The content encoding \(encoding) is not taken by this server.")
        }
        var body = try await request.body.collect(upTo: bodyBytesMax)
        let (bytes, id) = try await infer(
            body.readBytes(length: body.readableBytes) ?? [], model: model, version: version, plane: plane)
        var response = JSONResponse.bytes(bytes)
        if let predictionIDHeader { response.headers[predictionIDHeader] = id }
        return response
    }

    private static func infer(
        _ body: [UInt8], model: String, version: Int?, plane: DataPlane
    ) async throws -> (bytes: [UInt8], predictionID: String) {
        let answer = try await plane.infer(
            model: model, version: version, request: try OpenInferenceRequest.decode(body))
        return (try OpenInferenceAnswer.encode(answer), answer.predictionID.rawValue)
    }

    /// Model and version of the path, percent-decoded.
    private static func target(_ context: MartletRequestContext) throws -> (String, Int?) {
        let encoded = try context.parameters.require("model")
        // Most names need no decoding, which costs more than the rest of routing.
        let isPlain = !encoded.utf8.contains(UInt8(ascii: "%"))
        guard let model = isPlain ? encoded : encoded.removingPercentEncoding else {
            throw MartletError.invalid("The model's name is not percent-encoded UTF-8.")
        }
        guard let text = context.parameters.get("version") else { return (model, nil) }
        guard let version = Int(text), version > 0 else {
            throw MartletError.notFound("There is no version \(text) of \(model): versions are numbers from 1 on.")
        }
        return (model, version)
    }
}
