internal import Domain
internal import Hummingbird
internal import Serving
internal import Wire

extension OpenInferenceRoutes {
    /// What the server says of itself.
    static func addServer(to router: Router<MartletRequestContext>, inference: InferenceParts) {
        router.get("/v2") { _, _ in JSONResponse.bytes(OpenInferenceAnswer.serverMetadata(version: MartletVersion.text))
        }
        router.get("/v2/health/ready") { _, _ in
            let isReady = inference.isReady
            var response = try JSONResponse.make(["ready": isReady], status: isReady ? .ok : .serviceUnavailable)
            if !isReady { response.headers[.retryAfter] = "1" }
            return response
        }
    }

    /// What models say of themselves, and what they have done.
    static func addModels(to router: Router<MartletRequestContext>, plane: DataPlane) {
        router.get("/v2/models") { _, context in
            try context.require(.viewer, to: "list models")
            return JSONResponse.bytes(OpenInferenceAnswer.models(plane.endpointNames))
        }
        router.get("/v2/models/stats") { _, context in
            try context.require(.viewer, to: "read statistics")
            return JSONResponse.bytes(OpenInferenceAnswer.statistics(try plane.statistics()))
        }
        for path in modelPaths {
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
            router.get(path.appendingPath("config")) { _, context in
                try context.require(.viewer, to: "read a model's configuration")
                let (model, version) = try target(context)
                return JSONResponse.bytes(
                    OpenInferenceAnswer.modelConfiguration(try plane.metadata(model: model, version: version)))
            }
            router.get(path.appendingPath("stats")) { _, context in
                try context.require(.viewer, to: "read statistics")
                let (model, version) = try target(context)
                return JSONResponse.bytes(
                    OpenInferenceAnswer.statistics(try plane.statistics(model: model, version: version)))
            }
        }
    }

    /// Triton's calls about what is loaded.
    static func addRepository(to router: Router<MartletRequestContext>, repository: any RepositoryControlling) {
        router.post("/v2/repository/index") { request, context in
            try context.require(.viewer, to: "list what is served")
            let asked = try RepositoryRequest.readyOnly(try await body(request))
            let entries = try await repository.index().filter { !asked || $0.isReady }
            return JSONResponse.bytes(OpenInferenceAnswer.repository(entries))
        }
        router.post("/v2/repository/models/:model/load") { request, context in
            try context.require(.operator, to: "load a model")
            let (model, _) = try target(context)
            try await repository.load(model, try RepositoryRequest.overrides(try await body(request)))
            return Response(status: .ok)
        }
        router.post("/v2/repository/models/:model/unload") { request, context in
            try context.require(.operator, to: "unload a model")
            let (model, _) = try target(context)
            _ = try RepositoryRequest.overrides(try await body(request))
            try await repository.unload(model)
            return Response(status: .ok)
        }
    }

    /// A load may bring a model's files along, which is refused in words rather than by its size.
    private static func body(_ request: Request) async throws -> [UInt8] {
        Array(buffer: try await request.body.collect(upTo: bodyBytesMax))
    }
}
