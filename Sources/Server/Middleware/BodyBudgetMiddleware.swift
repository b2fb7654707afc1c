internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// Counts bodies that are collected in memory against the server's budget, from their first byte until the answer is made.
///
/// Bodies that say that they are small are left alone: the number of connections bounds them. Artifacts go to disk piece by piece.
struct BodyBudgetMiddleware: RouterMiddleware {
    /// Of a body that is not counted: with the default of 4,096 connections, 256 MiB at most.
    static let smallBytesMax = 64 << 10

    let budget: BodyBudget

    func handle(
        _ request: Request, context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        guard Self.isCounted(request) else { return try await next(request, context) }
        let share = BodyBudget.Share(budget)
        var counted = request
        counted.body = RequestBody(asyncSequence: CountedBody(body: request.body, share: share))
        let response = try await next(counted, context)
        withExtendedLifetime(share) {}
        return response
    }

    static func isCounted(_ request: Request) -> Bool {
        switch request.method {
        case .get, .head: return false
        case .put where request.uri.path.contains("\(MLflowArtifactRoutes.base)/artifacts/"): return false
        default: break
        }
        guard let text = request.headers[.contentLength], let length = Int(text) else { return true }
        return length > smallBytesMax
    }
}

/// A body whose pieces are counted as they come.
private struct CountedBody: AsyncSequence, Sendable {
    let body: RequestBody
    let share: BodyBudget.Share

    struct Iterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        let share: BodyBudget.Share

        mutating func next() async throws -> ByteBuffer? {
            guard let piece = try await base.next() else { return nil }
            try share.take(piece.readableBytes)
            return piece
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(base: body.makeAsyncIterator(), share: share) }
}
