extension JSONValue {
    /// The one text of this value: RFC 8785 (JSON Canonicalization Scheme), so that equal values hash alike.
    ///
    /// Keys are sorted by UTF-16 code units, no white space, only the escapes that JSON demands, numbers as ECMAScript
    /// writes them. One extension: integers keep all their 64 bits. Numbers that JSON lacks become the strings
    /// `"NaN"`, `"Infinity"` and `"-Infinity"`. Reading the text back and writing it again gives the same text.
    public var canonicalText: String {
        var text = ""
        appendCanonical(to: &text)
        return text
    }

    private func appendCanonical(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .double(let number): text += Self.ecmaScriptText(number)
        case .string(let string): Self.appendQuoted(string, to: &text)
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.appendCanonical(to: &text)
            }
            text += "]"
        case .object(let members):
            let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            text += "{"
            for (index, member) in sorted.enumerated() {
                if index > 0 { text += "," }
                Self.appendQuoted(member.key, to: &text)
                text += ":"
                member.value.appendCanonical(to: &text)
            }
            text += "}"
        }
    }

    private static func appendQuoted(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{08}": text += "\\b"
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\u{0C}": text += "\\f"
            case "\r": text += "\\r"
            case "\u{00}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// ECMAScript's Number::toString from the shortest digits that read back as the same number, which Swift gives too.
    private static func ecmaScriptText(_ number: Double) -> String {
        if number.isNaN { return "\"NaN\"" }
        if number.isInfinite { return number < 0 ? "\"-Infinity\"" : "\"Infinity\"" }
        if number == 0 { return "0" }
        let sign = number < 0 ? "-" : ""
        let parts = number.magnitude.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = Array(mantissa[0] + (mantissa.count > 1 ? mantissa[1] : ""))
        // The value is 0.d1d2d3… × 10^point.
        var point = mantissa[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        while digits.first == "0" {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        let count = digits.count
        let text = String(digits)
        if count <= point, point <= 21 { return sign + text + String(repeating: "0", count: point - count) }
        if 0 < point, point <= 21 { return sign + String(digits[..<point]) + "." + String(digits[point...]) }
        if -6 < point, point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + text }
        let exponent = (point > 0 ? "e+" : "e-") + String((point - 1).magnitude)
        return sign + String(digits[0]) + (count > 1 ? "." + String(digits[1...]) : "") + exponent
    }
}
