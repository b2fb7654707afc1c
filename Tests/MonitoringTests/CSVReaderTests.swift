import Domain
import Testing

@testable import Monitoring

@Suite("CSV reader")
struct CSVReaderTests {
    func rows(_ text: String) -> [[String]] { Array(CSVReader(Array(text.utf8))) }

    @Test("quoted fields keep commas, quotes and line feeds; CRLF, byte-order mark and blank lines do no harm")
    func quoting() {
        #expect(
            rows("\u{feff}a,b\r\n\"x, \"\"y\"\"\nz\",2\r\n\r\n,\n") == [["a", "b"], ["x, \"y\"\nz", "2"], ["", ""]])
        #expect(rows("") == [])
        #expect(rows("one") == [["one"]])
    }

    @Test("a quote without an end, and a field without measure, are failures, not rows")
    func failures() {
        var open = CSVReader(Array("a\n\"b".utf8)).makeIterator()
        #expect(open.next() == ["a"])
        #expect(open.next() == nil)
        #expect(open.failure?.code == .invalidArgument)
        var long = CSVReader([UInt8](repeating: 0x61, count: CSVParser.fieldBytesMax + 1)).makeIterator()
        #expect(long.next() == nil)
        #expect(long.failure != nil)
    }
}
