import Domain
import Testing

@testable import Wire

@Suite("Compressed bodies")
struct ContentCodingTests {
    private let body = Array(String(repeating: "{\"inputs\":[1,2,3]}", count: 1000).utf8)

    private func inflate(
        _ coding: ContentCoding, _ bytes: [UInt8], bytesMax: Int = 1 << 20
    ) throws -> [UInt8] {
        try bytes.withUnsafeBytes { raw in
            try coding.inflate(raw, bytesMax: bytesMax) { _ throws(MartletError) in }
        }
    }

    @Test("what is compressed is read back, small and large", arguments: ContentCoding.allCases)
    func roundTrip(coding: ContentCoding) throws {
        for count in [256, 4000, body.count] {
            let bytes = Array(body.prefix(count))
            let small = try #require(coding.deflated(bytes))
            #expect(small.count < bytes.count)
            #expect(try inflate(coding, small) == bytes)
        }
    }

    @Test("what Python's zlib and gzip write is read, bare deflate and gzip files in a row, too")
    func golden() throws {
        // gzip.compress(b"abc", mtime=0), zlib.compress(b"abc"), and the middle of the latter.
        let gzip: [UInt8] = [
            31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 76, 74, 6, 0, 194, 65, 36, 53, 3, 0, 0, 0,
        ]
        let zlib: [UInt8] = [120, 156, 75, 76, 74, 6, 0, 2, 77, 1, 39]
        #expect(try inflate(.gzip, gzip) == Array("abc".utf8))
        #expect(try inflate(.gzip, gzip + gzip) == Array("abcabc".utf8))
        #expect(try inflate(.deflate, zlib) == Array("abc".utf8))
        #expect(try inflate(.deflate, Array(zlib[2..<7])) == Array("abc".utf8))
    }

    @Test("what is cut, changed or followed by something else is refused", arguments: ContentCoding.allCases)
    func broken(coding: ContentCoding) throws {
        let small = try #require(coding.deflated(body))
        for bytes in [[], Array(small.dropLast()), Array(small.prefix(5)), small + [1], Array("{\"inputs\":[]}".utf8)] {
            let error = #expect(throws: MartletError.self) { try inflate(coding, bytes) }
            #expect(error?.code == .invalidArgument)
        }
        for place in small.indices.dropLast(4) {
            var changed = small
            changed[place] ^= 0x10
            _ = try? inflate(coding, changed)
        }
    }

    @Test("a body that grows past its bound is refused, whatever it would become")
    func bound() throws {
        let small = try #require(ContentCoding.gzip.deflated(body))
        let error = #expect(throws: MartletError.self) { try inflate(.gzip, small, bytesMax: body.count - 1) }
        #expect(error?.code == .payloadTooLarge)
        #expect(try inflate(.gzip, small, bytesMax: body.count) == body)
    }

    @Test("a bomb is refused by its ratio long before the bound")
    func bomb() throws {
        let bomb = try #require(ContentCoding.deflate.deflated([UInt8](repeating: 0, count: 32 << 20)))
        var kept = 0
        let error = #expect(throws: MartletError.self) {
            try bomb.withUnsafeBytes { raw in
                try ContentCoding.deflate.inflate(raw, bytesMax: 1 << 30) { count throws(MartletError) in kept += count
                }
            }
        }
        #expect(error?.code == .payloadTooLarge)
        #expect(kept <= bomb.count * ContentCoding.ratioMax + (8 << 20))
        #expect(kept < 32 << 20)
    }

    @Test("no memory left ends the reading")
    func budget() throws {
        let small = try #require(ContentCoding.gzip.deflated([UInt8](repeating: 1, count: 1 << 20)))
        var pieces = 0
        #expect(throws: MartletError.self) {
            try small.withUnsafeBytes { raw in
                try ContentCoding.gzip.inflate(raw, bytesMax: 1 << 30) { _ throws(MartletError) in
                    pieces += 1
                    if pieces == 3 { throw MartletError(.unavailable, "full") }
                }
            }
        }
        #expect(pieces == 3)
    }

    @Test(
        "the coding of an answer is the one of the higher weight, of equal ones gzip",
        arguments: [
            ("gzip", .gzip), ("deflate", .deflate), ("gzip, deflate", .gzip), ("deflate, gzip", .gzip),
            ("gzip;q=0.5, deflate", .deflate), ("gzip;q=0, deflate;q=0", nil), ("gzip;q=0,*", .gzip), ("br", nil),
            ("", nil), ("*", .gzip), (" GZIP ; Q=1", .gzip), ("gzip;q=x", nil), ("identity", nil),
        ] as [(String, ContentCoding?)])
    func acceptEncoding(text: String, expected: ContentCoding?) {
        #expect(ContentCoding(acceptEncoding: text) == expected)
    }

    @Test("codings that are not there are refused by name")
    func contentEncoding() throws {
        #expect(try ContentCoding(contentEncoding: "GZIP") == .gzip)
        #expect(try ContentCoding(contentEncoding: "identity") == nil)
        for text in ["br", "gzip, deflate", "zstd"] {
            let error = #expect(throws: MartletError.self) { try ContentCoding(contentEncoding: text) }
            #expect(error?.message.contains(text) == true)
        }
    }

    @Test("an answer that would not shrink is left as it is")
    func incompressible() {
        var generator = SplitMix(state: 1)
        let noise = (0..<4096).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        #expect(ContentCoding.gzip.deflated(noise) == nil)
        #expect(ContentCoding.gzip.deflated([1, 2, 3]) == nil)
    }
}
