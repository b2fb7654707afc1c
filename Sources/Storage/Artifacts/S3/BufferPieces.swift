internal import NIOCore

/// A buffer in pieces that share its memory.
struct BufferPieces: AsyncSequence, Sendable {
    static let pieceBytes = 256 << 10

    let buffer: ByteBuffer

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ByteBuffer

        mutating func next() async -> ByteBuffer? {
            rest.readableBytes == 0
                ? nil : rest.readSlice(length: Swift.min(BufferPieces.pieceBytes, rest.readableBytes))
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: buffer) }
}
