internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Serving
internal import Wire

/// The v1 protocol, as KServe's and TensorFlow Serving's clients speak it.
enum PredictRoutes {
    static func add(
        to router: Router<MartletRequestContext>, plane: DataPlane, limiter: RequestLimiter, budget: BodyBudget
    ) {
        router.get("/v1/models") { _, context in
            try context.require(.viewer, to: "list models")
            return JSONResponse.bytes(OpenInferenceAnswer.models(plane.endpointNames))
        }
        for path in ["/v1/models/:model", "/v1/models/:model/versions/:version"] as [RouterPath] {
            router.get(path) { _, context in
                try context.require(.viewer, to: "ask whether a model is ready")
                let (model, version) = try OpenInferenceRoutes.target(context)
                _ = try plane.metadata(model: model, version: version)
                return JSONResponse.bytes(OpenInferenceAnswer.modelReady(model))
            }
            router.post(path) { request, context in
                try limiter.admit(try context.require(.viewer, to: OpenInferenceRoutes.inferAction))
                let (model, version) = try target(context)
                return try await predict(request, model: model, version: version, plane: plane, budget: budget)
            }
        }
    }

    private static func predict(
        _ request: Request, model: String, version: Int?, plane: DataPlane, budget: BodyBudget
    ) async throws -> Response {
        let body = try await OpenInferenceRoutes.collect(request, budget)
        let metadata = try plane.metadata(model: model, version: version)
        let response = try await plane.infer(
            model: model, version: version,
            request: try PredictRequest.decode(Array(buffer: body.bytes), inputs: metadata.inputs))
        withExtendedLifetime(body.share) {}
        // The endpoint's split may have chosen another version than the one that was asked about its inputs.
        let name =
            response.version == 0
            ? metadata.predictionOutput : try plane.metadata(model: model, version: response.version).predictionOutput
        guard let output = response.outputs.first(where: { $0.name == name }) ?? response.outputs.first else {
            throw MartletError(.internal, "The model gave no outputs.")
        }
        let answer = FrontAnswer(
            body: try PredictAnswer.encode(output),
            fields: [(InferenceExchange.predictionIDField, response.predictionID.rawValue)]
                + InferenceExchange.fields(response))
        return answer.compressed(request.headers[.acceptEncoding]).response
    }

    /// Model and version of a path that ends in `:predict`, whose colon some clients percent-encode.
    private static func target(_ context: MartletRequestContext) throws(MartletError) -> (String, Int?) {
        let isOfVersion = context.parameters.get("version") != nil
        let last = try OpenInferenceRoutes.decoded(context.parameters.get(isOfVersion ? "version" : "model") ?? "")
        guard let colon = last.lastIndex(of: ":") else {
            throw MartletError.notFound("There is nothing to POST to at this path: it ends in :predict.")
        }
        let (name, verb) = (last[..<colon], last[last.index(after: colon)...])
        guard verb == "predict" else {
            guard verb == "explain" else {
                throw MartletError.notFound("The verb \(verb.prefix(64)) is not known: it is :predict.")
            }
            throw MartletError(.unimplemented, "Explanations are not served.")
        }
        guard isOfVersion else { return (String(name), nil) }
        let model = try OpenInferenceRoutes.decoded(context.parameters.get("model") ?? "")
        return (model, try OpenInferenceRoutes.version(name, of: model))
    }
}
