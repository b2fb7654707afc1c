internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Storage

/// Finds out who asks, and turns away who does not say so. Routes decide what a principal may do.
struct AuthenticationMiddleware: RouterMiddleware {
    let authenticator: Authenticator
    let keys: any KeyProving
    let sessions: SessionSigner
    let clock: any WallClock
    var isMetricsOpen = false
    /// Whether the peer is a proxy, whose X-Forwarded-For tells the client's address.
    var isBehindProxy = false

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
                key: shown.key, name: shown.name,
                address: ClientAddress.of(request, context, isBehindProxy: isBehindProxy))
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
        try check(request, context.principal)
        return try await next(request, context)
    }

    private func check(_ request: Request, _ principal: Principal?) throws(MartletError) {
        let path = request.uri.path
        guard let principal else {
            if AccessRules.isOpen(path, isMetricsOpen: isMetricsOpen) { return }
            throw MartletError(
                .unauthenticated, "This needs an API key: send `Authorization: Bearer <key>`.")
        }
        guard let model = principal.onlyModel else { return }
        guard AccessRules.allowsNarrow(request.method, path, model: model) else {
            throw MartletError(
                .permissionDenied, "This API key is confined to logging and registering the model \(model).")
        }
    }
}
