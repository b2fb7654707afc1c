public import Domain
public import Hummingbird
public import NIOCore

/// What travels with one HTTP request.
public struct MartletRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Who asks; nil until authentication, and on the open routes.
    public var principal: Principal?
    /// The token that forms of the dashboard carry; nil without a browser session.
    var csrfToken: String?
    /// The peer's address; nil in tests without a socket.
    public var remoteAddress: SocketAddress?

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// JSON bodies of the native API. Protocols with other limits set their own at their routes.
    public var maxUploadSize: Int { 1 << 20 }

    /// The authenticated principal.
    ///
    /// - Throws: `unauthenticated` if there is none.
    public func requirePrincipal() throws(MartletError) -> Principal {
        guard let principal else {
            throw MartletError(.unauthenticated, "This needs an API key: send `Authorization: Bearer <key>`.")
        }
        return principal
    }

    /// The authenticated principal, if it holds `role`.
    ///
    /// - Throws: `unauthenticated`, or `permissionDenied` naming the role.
    @discardableResult
    public func require(_ role: Role, to action: String) throws(MartletError) -> Principal {
        let principal = try requirePrincipal()
        try principal.require(role, to: action)
        return principal
    }
}
