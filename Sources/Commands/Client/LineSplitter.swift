internal import Domain
internal import Foundation
internal import NIOCore

/// Cuts a stream of bytes into JSON lines.
struct LineSplitter {
    /// A line of the native API is one small object.
    static let lineBytesMax = 16 << 20

    private var rest: [UInt8] = []

    /// The lines that are whole now.
    ///
    /// - Throws: `internal` for a line that is no JSON or longer than 16 MiB.
    mutating func append(_ piece: ByteBuffer) throws -> [JSONValue] {
        rest += piece.readableBytesView
        guard rest.count <= Self.lineBytesMax else {
            throw MartletError(.internal, "The server sent a line longer than \(Self.lineBytesMax) bytes.")
        }
        var lines: [JSONValue] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Data(rest[..<end])
            rest.removeFirst(end + 1)
            do {
                lines.append(try JSONDecoder().decode(JSONValue.self, from: line))
            } catch {
                throw MartletError(.internal, "The server sent a line that is no JSON.", cause: error)
            }
        }
        return lines
    }
}
