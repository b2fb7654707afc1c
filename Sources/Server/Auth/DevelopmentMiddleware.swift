internal import Domain
internal import Foundation
internal import Hummingbird

/// With `--dev` everyone on this machine is the developer, so a web page elsewhere must not get in through the browser:
/// Host must be a loopback name (else a rebound DNS name reaches us), and Origin, where there is one, too.
struct DevelopmentMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = Self.refusal(host: request.head.authority, origin: request.headers[.origin]) { throw refusal }
        var context = context
        context.principal = .developer
        return try await next(request, context)
    }

    /// - Returns: nil if a request with these headers comes from this machine's own pages or programs.
    static func refusal(host: String?, origin: String?) -> MartletError? {
        guard let host, isLoopback(host) else {
            return MartletError(
                .permissionDenied, "With --dev only localhost is served; the Host header names another.")
        }
        if let origin, !isLoopbackOrigin(origin) {
            return MartletError(
                .permissionDenied, "With --dev only pages of localhost may call; the Origin header names another.")
        }
        return nil
    }

    /// Hosts as nearly all requests name them, so that no URL need be parsed for each.
    private static let usualHosts = ["127.0.0.1", "localhost"]

    static func isLoopback(_ authority: String) -> Bool {
        for host in usualHosts where authority.hasPrefix(host) {
            let port = authority.utf8.dropFirst(host.utf8.count)
            if port.isEmpty { return true }
            let digits = port.dropFirst()
            if port.first == UInt8(ascii: ":"), !digits.isEmpty, digits.count <= 5,
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            {
                return true
            }
        }
        guard let host = URLComponents(string: "http://\(authority)")?.host?.lowercased() else { return false }
        return host == "[::1]" || ServerConfiguration.isLoopback(host)
    }

    private static func isLoopbackOrigin(_ origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return isLoopback(String(origin.dropFirst(scheme.count)))
        }
        return false
    }
}
