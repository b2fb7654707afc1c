import Domain
import Testing
import Wire

@Suite("JSON as values")
struct JSONParserTests {
    @Test("values of every kind")
    func values() throws {
        let text = #" {"a":[1,-2.5,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{},"c":9223372036854775807,"d":1e3} "#
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(value["a"] == [1, -2.5, true, false, nil, "x\né😀"])
        #expect(value["b"] == .object([:]))
        #expect(value["c"] == .int(.max))
        #expect(value["d"] == .double(1000))
    }

    @Test(
        "what is not JSON is refused, never read past its end",
        arguments: [
            "", "{", "[", "\"", "{\"a\"", "{\"a\":", "{\"a\":1,}", "[1,]", "[1 2]", "01", "1.", "1e", "-", "+1", "nul",
            "NaN",
            "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\u{1}\"", "1 2", "'a'", "1e999",
        ])
    func refusals(text: String) {
        #expect(throws: MartletError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test("a hundred thousand brackets do not touch the stack")
    func nesting() {
        #expect(throws: MartletError.self) {
            try JSONParser.parse([UInt8](repeating: UInt8(ascii: "["), count: 100_000))
        }
    }

    @Test("invalid UTF-8 is refused")
    func utf8() {
        #expect(throws: MartletError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    }

    @Test("printing and parsing give the value back, controls escaped")
    func roundTrip() throws {
        let value: JSONValue = ["k\u{1}": ["<b>", "\"\\\n\u{7F}", .double(0.1), .int(-3), nil, true]]
        let bytes = JSONPrinter.print(value)
        #expect(try JSONParser.parse(bytes) == value)
        #expect(!bytes.contains { $0 < 0x20 || $0 == 0x7F })
    }
}
