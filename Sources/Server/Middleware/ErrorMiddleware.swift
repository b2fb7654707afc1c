internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOHTTP1

/// Turns every error into the shape of the protocol that was spoken.
struct ErrorMiddleware: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return Self.shaped(error, path: request.uri.path, logger: logger).response
        }
    }

    /// The answer that an error makes; the server's own failures are logged.
    static func shaped(_ error: any Error, path: String, logger: Logger) -> ErrorShape.Answer {
        let failure = martletError(error)
        if failure.code == .internal {
            logger.error("request failed", metadata: ["path": "\(path)", "error": "\(failure)"])
        }
        return ErrorShape(path: path).answer(failure)
    }

    static func martletError(_ error: any Error) -> MartletError {
        switch error {
        case let error as MartletError: error
        case let error as any HTTPResponseError where error.status == .notFound:
            MartletError(.notFound, "There is nothing at this path.", cause: error)
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            MartletError(.payloadTooLarge, "The body is larger than this route takes.", cause: error)
        case let error as any HTTPResponseError where error.status.code < 500:
            MartletError(.invalidArgument, "The request cannot be read.", cause: error)
        case is HTTPParserError:
            // A body whose framing breaks while it is read: chunk sizes, trailers.
            MartletError(.invalidArgument, "The request is not HTTP: its body cannot be read.", cause: error)
        default:
            MartletError(.internal, "The server failed. The log has the cause.", cause: error)
        }
    }
}
