internal import Domain
internal import Hummingbird
internal import Storage

/// Finds out who asks. Routes decide what that is good for; open routes ask nobody.
struct AuthenticationMiddleware: RouterMiddleware {
    let authenticator: Authenticator
    let keys: KeyStore
    let sessions: SessionSigner
    let clock: any WallClock

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let header = request.headers[.authorization] {
            guard let shown = Credentials.parse(header) else {
                throw MartletError(
                    .unauthenticated, "The Authorization header is neither Bearer nor Basic with an API key.")
            }
            context.principal = try await authenticator.principal(
                key: shown.key, name: shown.name, address: context.remoteAddress?.ipAddress)
        } else if let cookie = request.cookies[SessionSigner.cookieName]?.value,
            let session = sessions.open(cookie, at: clock.now()),
            let holder = try await keys.holder(ofKey: session.keyID)
        {
            // Browsers send cookies along with requests that other sites cause: a session reads, and writes by our own forms only.
            let isForm = request.method == .post && SignInRoutes.formPaths.contains(request.uri.path)
            guard request.method == .get || request.method == .head || isForm else {
                throw MartletError(.permissionDenied, "A browser session reads only. Use an API key.")
            }
            context.principal = holder.principal
            context.csrfToken = session.csrfToken
        }
        return try await next(request, context)
    }
}
