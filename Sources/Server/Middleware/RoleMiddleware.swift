internal import Domain
internal import Hummingbird

/// A process that serves one plane says of the other's paths where to ask, in the protocol's own shape.
struct RoleMiddleware: RouterMiddleware {
    let role: ServerConfiguration.Role

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        guard Self.serves(role, path: request.uri.path) else {
            throw MartletError(
                .unavailable,
                role == .control
                    ? "This server is the control plane alone (--role control): ask the one with --role inference."
                    : "This server answers predictions alone (--role inference): ask the one with --role control.")
        }
        return try await next(request, context)
    }

    /// Health, metrics and version are every process's own.
    static func serves(_ role: ServerConfiguration.Role, path: String) -> Bool {
        switch role {
        case .all: true
        case .control: !["/v2/models", "/v2/repository", "/v1/models"].contains(where: path.hasPrefix)
        case .inference:
            path == "/v2" || path.hasPrefix("/v2/") || path.hasPrefix("/v1/models")
                || ["/", "/metrics", "/health", "/version"].contains(path)
        }
    }
}
