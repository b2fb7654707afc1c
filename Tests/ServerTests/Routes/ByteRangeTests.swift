import Testing

@testable import Server

@Suite("Byte ranges")
struct ByteRangeTests {
    @Test(
        "a range is cut to the file, however large its end",
        arguments: [
            ("bytes=0-9", 0, 10), ("bytes=90-200", 90, 100), ("bytes=5-", 5, 100), ("bytes=-10", 90, 100),
            ("bytes=0-9223372036854775807", 0, 100), ("bytes=-9223372036854775807", 0, 100), ("bytes=99-99", 99, 100),
        ])
    func satisfied(_ header: String, _ first: Int64, _ end: Int64) {
        #expect(ByteRange.parse(header, of: 100) == first..<end)
    }

    @Test(
        "what names no byte of the file is refused",
        arguments: [
            "bytes=100-", "bytes=5-4", "bytes=-0", "bytes=--1", "bytes=9223372036854775808-", "bytes=0-1,3-4",
            "lines=0-1", "",
        ])
    func refused(_ header: String) {
        #expect(ByteRange.parse(header, of: 100) == nil)
    }
}
