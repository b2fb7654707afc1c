import Domain
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test(
        "numbers are written as ECMAScript writes them",
        arguments: [
            (0.1, "0.1"), (1.0, "1"), (-0.0, "0"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
            (123_456.789, "123456.789"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.5e-9, "1.5e-9"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"), (-2.5, "-2.5"),
            (333_333_333.333_333_29, "333333333.3333333"), (4.5, "4.5"), (0.002, "0.002"), (1e23, "1e+23"),
        ])
    func numbers(number: Double, text: String) {
        #expect(JSONValue.double(number).canonicalText == text)
    }

    @Test("keys are sorted by UTF-16, strings keep all but what JSON must escape")
    func strings() {
        // RFC 8785, 3.2.3: its order of keys.
        let value: JSONValue = [
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1F600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O",
        ]
        #expect(
            value.canonicalText
                == "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O\","
                + "\"\u{20ac}\":\"Euro Sign\",\"\u{1F600}\":\"Emoji: Grinning Face\","
                + "\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}")
        #expect(JSONValue.string("a\"\\\u{1}/\n<").canonicalText == #""a\"\\\u0001/\n<""#)
    }

    @Test("integers keep 64 bits")
    func integers() {
        #expect(JSONValue.int(.max).canonicalText == "9223372036854775807")
    }
}
