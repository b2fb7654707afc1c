internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOFoundationCompat
internal import NIOHTTP1

extension APIClient {
    /// The least speed at which an upload is still waited for.
    private static let uploadBytesPerSecondMin: Int64 = 128 << 10

    /// Streams a file to the native API and decodes its JSON answer.
    ///
    /// - Parameter bytes: of the whole body.
    func upload<Body: AsyncSequence & Sendable>(
        _ body: Body, bytes: Int64, _ path: [String], query: [(String, String?)]
    ) async throws -> JSONValue where Body.Element == ByteBuffer {
        var request = makeRequest(.POST, path, query: query)
        request.headers.add(name: "content-type", value: "application/octet-stream")
        request.body = .stream(body, length: .known(bytes))
        let response = try await execute(request, extraSeconds: bytes / Self.uploadBytesPerSecondMin)
        let answer = try await response.body.collect(upTo: Self.responseBytesMax)
        return try JSONDecoder().decode(JSONValue.self, from: Data(buffer: answer))
    }
}

/// The bytes of a file, a piece at a time.
struct FilePieces: AsyncSequence, Sendable {
    static let pieceBytes = 256 << 10

    let file: URL
    let progress: @Sendable (Int64) -> Void

    func makeAsyncIterator() -> Iterator { Iterator(file: file, progress: progress) }

    struct Iterator: AsyncIteratorProtocol {
        let file: URL
        let progress: @Sendable (Int64) -> Void
        private var handle: FileHandle?

        init(file: URL, progress: @escaping @Sendable (Int64) -> Void) {
            self.file = file
            self.progress = progress
        }

        mutating func next() async throws -> ByteBuffer? {
            let open = try handle ?? FileHandle(forReadingFrom: file)
            handle = open
            guard let data = try open.read(upToCount: FilePieces.pieceBytes), !data.isEmpty else {
                try open.close()
                return nil
            }
            progress(Int64(data.count))
            return ByteBuffer(data: data)
        }
    }
}
