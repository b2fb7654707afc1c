internal import Dashboard
internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// Trades an API key for a browser session, and ends it.
struct SignInRoutes: Sendable {
    /// The forms that a session may post.
    static let formPaths: Set<String> = ["/sign-in", "/sign-out"]
    static let formBytesMax = 8192
    private static let formCookie = "martlet_form"

    let services: Services
    let authenticator: Authenticator
    let sessions: SessionSigner

    static func add(
        to router: Router<MartletRequestContext>, services: Services, authenticator: Authenticator,
        sessions: SessionSigner
    ) {
        let routes = SignInRoutes(services: services, authenticator: authenticator, sessions: sessions)
        router.get("/sign-in") { _, _ in routes.form(failure: nil, status: .ok) }
        router.post("/sign-in") { request, context in try await routes.signIn(request, context) }
        router.post("/sign-out") { request, context in try await routes.signOut(request, context) }
    }

    private func form(failure: String?, status: HTTPResponse.Status) -> Response {
        let token = UUID().uuidString
        var response = PageResponse.make(
            SignInPage(csrfToken: token, failure: failure), services: services, principal: nil, status: status)
        response.setCookie(cookie(Self.formCookie, token, maxAge: 3600))
        return response
    }

    private func signIn(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let fields = try await self.fields(request)
        guard let token = try fields.string("csrf_token"), !token.isEmpty,
            token == request.cookies[Self.formCookie]?.value
        else { return form(failure: "The form is out of date. Try again.", status: .badRequest) }
        do {
            let principal = try await authenticator.principal(
                key: (try fields.string("key") ?? "").trimmingCharacters(in: .whitespacesAndNewlines), name: nil,
                address: ClientAddress.of(
                    request, context, isBehindProxy: services.configuration.isBehindProxy))
            guard let keyID = principal.keyID else {
                throw MartletError(.unauthenticated, "The API key is unknown, expired or revoked.")
            }
            var response = PageResponse.redirect(to: .models)
            let value = sessions.cookie(keyID: keyID, at: services.clock.now())
            response.setCookie(cookie(SessionSigner.cookieName, value, maxAge: Int(SessionSigner.lifeSeconds)))
            return response
        } catch let error as MartletError where [.unauthenticated, .resourceExhausted].contains(error.code) {
            return form(failure: error.message, status: .init(code: error.code.httpStatus))
        }
    }

    private func signOut(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let token = try await fields(request).string("csrf_token") ?? ""
        guard let session = request.cookies[SessionSigner.cookieName]?.value, sessions.isCSRFToken(token, for: session)
        else { throw MartletError(.permissionDenied, "The form is out of date. Go back, reload and try again.") }
        var response = PageResponse.redirect(to: .signIn)
        response.setCookie(cookie(SessionSigner.cookieName, "", maxAge: 0))
        return response
    }

    private func fields(_ request: Request) async throws -> MLflowRequest {
        let body = try await request.body.collect(upTo: Self.formBytesMax)
        return MLflowRequest(query: QueryItems.parse(String(buffer: body)))
    }

    private func cookie(_ name: String, _ value: String, maxAge: Int) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: maxAge, path: "/", secure: services.configuration.isSecure,
            httpOnly: true, sameSite: .lax)
    }
}
