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
        guard let host = request.head.authority, Self.isLoopback(host) else {
            throw MartletError(.permissionDenied, "With --dev only localhost is served; the Host header names another.")
        }
        if let origin = request.headers[.origin], !Self.isLoopbackOrigin(origin) {
            throw MartletError(
                .permissionDenied, "With --dev only pages of localhost may call; the Origin header names another.")
        }
        var context = context
        context.principal = .developer
        return try await next(request, context)
    }

    static func isLoopback(_ authority: String) -> Bool {
        guard let host = URLComponents(string: "http://\(authority)")?.host?.lowercased() else { return false }
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    private static func isLoopbackOrigin(_ origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return isLoopback(String(origin.dropFirst(scheme.count)))
        }
        return false
    }
}
