internal import HTTPTypes
internal import Hummingbird

/// Tells browsers to believe the content type: an uploaded artifact is never taken for a page. Under TLS, to stay with it.
struct ContentTypeOptionsMiddleware: RouterMiddleware {
    let isSecure: Bool

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        if isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        return response
    }
}
