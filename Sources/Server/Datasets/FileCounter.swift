internal import Monitoring
internal import Synchronization

/// One file being counted while it is received; its pieces come one after the other.
final class FileCounter: Sendable {
    private let reader: Mutex<TableReader>

    init(_ reader: TableReader) { self.reader = Mutex(reader) }

    func consume(_ bytes: [UInt8]) throws { try reader.withLock { try $0.consume(bytes) } }
    func finish() throws -> TableSketch { try reader.withLock { try $0.finish() } }
}
