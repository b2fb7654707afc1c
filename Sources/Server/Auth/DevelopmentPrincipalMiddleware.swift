internal import Domain
internal import Hummingbird

/// With `--dev`, everyone is the developer.
struct DevelopmentPrincipalMiddleware: RouterMiddleware {
    let isDevelopment: Bool

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if isDevelopment { context.principal = .developer }
        return try await next(request, context)
    }
}
