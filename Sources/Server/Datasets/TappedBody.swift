internal import NIOCore

/// A body whose pieces are shown to somebody on their way; what they throw ends the body.
struct TappedBody<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable where Base.Element == ByteBuffer {
    typealias Element = ByteBuffer

    let base: Base
    let tap: @Sendable (ByteBuffer) throws -> Void

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), tap: tap) }

    struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let tap: @Sendable (ByteBuffer) throws -> Void

        mutating func next() async throws -> ByteBuffer? {
            guard let piece = try await base.next() else { return nil }
            try tap(piece)
            return piece
        }
    }
}
