internal import Domain
internal import Hummingbird

/// A server of a model repository says of the registry's paths that there is none, in the protocol's own shape.
struct RegistrylessMiddleware: RouterMiddleware {
    private static let prefixes = [
        "/api/", "/ajax-api/", "/get-artifact", "/model-versions/", "/graphql", "/sign-in", "/sign-out", "/models",
        "/endpoints", "/rollouts", "/alerts", "/retraining", "/audit", "/datasets", "/lineage", "/predictions",
        "/version", "/assets/",
    ]

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        // MLflow's older pages ask with two slashes.
        let path = request.uri.path.hasPrefix("//") ? String(request.uri.path.dropFirst()) : request.uri.path
        guard !Self.prefixes.contains(where: path.hasPrefix) else {
            throw MartletError(
                .unimplemented,
                "This server serves a folder of models and has no registry (--model-repository). Start one without it for tracking, registry, rollouts and the dashboard."
            )
        }
        return try await next(request, context)
    }
}
