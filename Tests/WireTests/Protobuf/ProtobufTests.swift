import Domain
import Testing

@testable import Wire

@Suite("Protocol Buffers: reader and writer")
struct ProtobufTests {
    /// Reads all fields: each as its number and what it is.
    private func fields(_ bytes: [UInt8]) throws -> [String] {
        try bytes.withUnsafeBytes { raw in
            var reader = ProtobufReader(raw)
            var found: [String] = []
            while let field = try reader.next() {
                switch field.encoding {
                case .varint: found.append("\(field.number)=\(try reader.integer(field))")
                case .lengthDelimited: found.append("\(field.number):\(try reader.bytes(field).count)")
                case .fixed32, .fixed64:
                    try reader.skip(field)
                    found.append("\(field.number)!")
                }
            }
            return found
        }
    }

    @Test("what is written is read again, whatever its length")
    func roundTrip() throws {
        for length in [0, 1, 127, 128, 16_383, 16_384, 2_097_152] {
            var writer = ProtobufWriter()
            writer.message(1) { inner in
                inner.message(2) { $0.repeatedBytes(3, [UInt8](repeating: 7, count: length)) }
                inner.integer(4, .max)
            }
            let found: (Int, UInt64) = try writer.bytes.withUnsafeBytes { raw in
                var reader = ProtobufReader(raw)
                var inner = try reader.message(try #require(try reader.next()))
                var innermost = try inner.message(try #require(try inner.next()))
                let count = try innermost.bytes(try #require(try innermost.next())).count
                return (count, try inner.integer(try #require(try inner.next())))
            }
            #expect(found == (length, .max))
        }
    }

    @Test("defaults are left out, but not of what is repeated")
    func defaults() throws {
        var writer = ProtobufWriter()
        writer.string(1, "")
        writer.bool(2, false)
        writer.integer(3, 0)
        writer.integers(4, [])
        writer.repeatedString(5, "")
        writer.message(6) { _ in }
        #expect(writer.bytes == [0x2A, 0, 0x32, 0])
    }

    @Test("the bytes are those that the format's own documentation gives")
    func documented() {
        var writer = ProtobufWriter()
        writer.integer(1, 150)
        writer.string(2, "testing")
        writer.message(3) { $0.integer(1, 150) }
        writer.integers(6, [3, 270, 86_942])
        #expect(
            writer.bytes == [
                0x08, 0x96, 0x01, 0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67, 0x1A, 0x03, 0x08, 0x96, 0x01,
                0x32,
                0x06, 0x03, 0x8E, 0x02, 0x9E, 0xA7, 0x05,
            ])
    }

    @Test("numbers of ten bytes are read; the tenth has one bit")
    func longNumbers() throws {
        let nines = [UInt8](repeating: 0xFF, count: 9)
        #expect(try fields([0x08] + nines + [0x01]) == ["1=\(UInt64.max)"])
        #expect(throws: MartletError.self) { try fields([0x08] + nines + [0x02]) }
        #expect(throws: MartletError.self) { try fields([0x08] + nines + [0x81, 0]) }
    }

    @Test(
        "what breaks off or claims more than there is is an error",
        arguments: [
            [0x80], [0x08], [0x08, 0x80], [0x0A, 0x01],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40], [0x0D, 1, 2, 3], [0x09, 1, 2, 3, 4, 5, 6, 7], [0x00, 0x01],
            [0x0B],
            [0x0C], [0x0E], [0x0F],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        let error = #expect(throws: MartletError.self) { try fields(bytes) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a field in another wire type than it has is an error")
    func wireTypes() throws {
        let bytes: [UInt8] = [0x08, 0x05]
        #expect(throws: MartletError.self) {
            try bytes.withUnsafeBytes { raw in
                var reader = ProtobufReader(raw)
                _ = try reader.string(try #require(try reader.next()))
            }
        }
    }

    @Test("every prefix of a message is read or refused, and so is every message with one byte changed")
    func mutations() {
        var writer = ProtobufWriter()
        writer.string(1, "name")
        writer.message(5) { message in
            message.string(2, "FP32")
            message.integers(3, [1, 300, -1])
        }
        let bytes = writer.bytes
        for count in bytes.indices { _ = try? fields(Array(bytes.prefix(count))) }
        for index in bytes.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = value
                _ = try? fields(changed)
                _ = try? changed.withUnsafeBytes { try ModelInferRequest.decode($0) }
            }
        }
    }
}
