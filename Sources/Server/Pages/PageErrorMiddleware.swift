internal import Dashboard
internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Shows failures to browsers as pages; programs get their protocol's shape from `ErrorMiddleware`, which stands outside.
struct PageErrorMiddleware: RouterMiddleware {
    let services: Services

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        guard Self.isForPages(request) else { return try await next(request, context) }
        do {
            return try await next(request, context)
        } catch {
            let failure = ErrorMiddleware.martletError(error)
            if failure.code == .unauthenticated { return PageResponse.redirect(to: .signIn) }
            var id: String?
            if failure.code == .internal {
                id = context.id
                services.logger.error(
                    "page failed",
                    metadata: ["path": "\(request.uri.path)", "error": "\(failure)", "request": "\(context.id)"])
            }
            return PageResponse.make(
                ErrorPage(status: failure.code.httpStatus, message: failure.message, requestID: id), services: services,
                principal: context.principal, status: HTTPResponse.Status(code: failure.code.httpStatus))
        }
    }

    /// A path that is no protocol's, asked for by something that reads HTML.
    static func isForPages(_ request: Request) -> Bool {
        guard case .problem = ErrorShape(path: request.uri.path), !request.uri.path.hasPrefix("/api/") else {
            return false
        }
        return request.headers[.accept]?.contains("text/html") ?? false
    }
}
