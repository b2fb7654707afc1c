internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// One line a request: method, path without query, status, duration, who and which request. Never headers or bodies, where
/// the secrets are. Reads, predictions and what runs log are at debug level, other changes at info: the log does not grow with
/// the traffic.
struct RequestLogMiddleware: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        // Whatever is asked for is logged at one of the two levels.
        guard logger.logLevel <= .info else { return try await next(request, context) }
        let level: Logger.Level = Self.isTraffic(request) ? .debug : .info
        guard logger.logLevel <= level else { return try await next(request, context) }
        let start = ContinuousClock.now
        let response = try await next(request, context)
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        logger.log(
            level: level, "request",
            metadata: [
                "method": "\(request.method.rawValue)", "path": "\(Self.printable(request.uri.path))",
                "status": "\(response.status.code)", "ms": "\((milliseconds * 100).rounded() / 100)",
                "address": "\(context.remoteAddress?.ipAddress ?? "-")", "request": "\(context.id)",
            ])
        return response
    }

    private static func isTraffic(_ request: Request) -> Bool {
        let path = request.uri.path
        return request.method == .get || request.method == .head || path.hasPrefix("/v2/")
            || MLflowRoutes.prefixes.contains { path.hasPrefix("\($0)/runs/") }
    }

    /// A path is the client's: cut, and without what could forge another line.
    static func printable(_ path: String) -> String {
        String(path.unicodeScalars.prefix(512).map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }
}
