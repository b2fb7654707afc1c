public import Domain

/// Reads JSON text (RFC 8259) into a `JSONValue`. Strict, bounded in depth, linear in time.
///
/// Integers that fit Int64 stay integers; other numbers become Double. Of a repeated key the last one counts.
public struct JSONParser {
    /// Nested arrays and objects at most: our protocols need four, and the stack is not the client's to fill.
    public static let depthMax = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: `invalidArgument` with the byte at which the text stops being JSON.
    public static func parse(_ bytes: [UInt8]) throws(MartletError) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.failure("text after the value") }
        return value
    }

    private func failure(_ what: String) -> MartletError {
        .invalid("The body is not JSON: \(what) at byte \(position).")
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(MartletError) -> JSONValue {
        skipSpace()
        guard position < bytes.count else { throw failure("the text ends too early") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try nested { parser throws(MartletError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(MartletError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(MartletError) -> JSONValue
    ) throws(MartletError) -> JSONValue {
        depth += 1
        guard depth <= Self.depthMax else { throw failure("more than \(Self.depthMax) nested values") }
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(MartletError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw failure("a key is missing")
            }
            let key = try string()
            skipSpace()
            guard take(":") else { throw failure("a colon is missing") }
            members[key] = try value()
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw failure("a comma or brace is missing") }
        }
    }

    private mutating func array() throws(MartletError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw failure("a comma or bracket is missing") }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(MartletError) -> JSONValue {
        let matches = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw failure("an unknown word") }
        position += text.utf8CodeUnitCount
        return value
    }

    private mutating func number() throws(MartletError) -> JSONValue {
        let start = position
        var isInteger = true
        if take("-") {}
        let firstDigit = position
        skipDigits()
        guard position > firstDigit, bytes[firstDigit] != UInt8(ascii: "0") || position == firstDigit + 1 else {
            throw failure("not a value")
        }
        if take(".") {
            isInteger = false
            let first = position
            skipDigits()
            guard position > first else { throw failure("digits are missing") }
        }
        if take("e") || take("E") {
            isInteger = false
            if !take("+") { _ = take("-") }
            let first = position
            skipDigits()
            guard position > first else { throw failure("digits are missing") }
        }
        if isInteger, let integer = shortInteger(start..<position) { return .int(integer) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .int(integer) }
        guard let double = Double(text), double.isFinite else { throw failure("a number out of range") }
        return .double(double)
    }

    /// An integer of so few digits that it cannot overflow; nil for a longer one.
    private func shortInteger(_ range: Range<Int>) -> Int64? {
        guard range.count <= 18 else { return nil }
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        var magnitude: Int64 = 0
        for index in (range.lowerBound + (isNegative ? 1 : 0))..<range.upperBound {
            magnitude = magnitude * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
        }
        return isNegative ? -magnitude : magnitude
    }

    private mutating func skipDigits() {
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
    }

    private mutating func string() throws(MartletError) -> String {
        position += 1
        let start = position
        while position < bytes.count, bytes[position] >= 0x20, bytes[position] != UInt8(ascii: "\""),
            bytes[position] != UInt8(ascii: "\\")
        {
            position += 1
        }
        // Most strings have no escape: their bytes are the text.
        if take("\"") { return try validated(bytes[start..<position - 1]) }
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try validated(text[...])
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &text)
            case 0..<0x20:
                throw failure("a control character in a string")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure("a string without an end")
    }

    private func validated(_ text: ArraySlice<UInt8>) throws(MartletError) -> String {
        guard let string = String(validating: text, as: UTF8.self) else { throw failure("invalid UTF-8") }
        return string
    }

    private mutating func escape(into text: inout [UInt8]) throws(MartletError) {
        guard position < bytes.count else { throw failure("a string without an end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Character(try unicodeEscape())).utf8)
        default: throw failure("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(MartletError) -> Unicode.Scalar {
        let high = try hexadecimal()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard (0xD800..<0xDC00).contains(high), take("\\"), take("u") else { throw failure("half a surrogate pair") }
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        else { throw failure("half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(MartletError) -> UInt32 {
        guard position + 4 <= bytes.count,
            bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw failure("an escape without four hexadecimal digits") }
        position += 4
        return value
    }
}
