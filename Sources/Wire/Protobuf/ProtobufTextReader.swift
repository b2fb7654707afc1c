internal import Domain

/// Reads the text format of Protocol Buffers into a tree, in one pass, bounded in depth.
///
/// Names of extensions and of `Any` types, in brackets, are kept as they stand.
struct ProtobufTextReader {
    /// Messages inside one another. A model's configuration needs five.
    static let depthMax = 32

    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// - Throws: `invalidArgument` with line and column.
    static func read(_ bytes: [UInt8]) throws(MartletError) -> ProtobufText {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .invalid("1:1: The text is not UTF-8.")
        }
        var reader = ProtobufTextReader(bytes)
        let message = try reader.message(until: nil, depth: 0)
        return message
    }

    // MARK: grammar

    /// - Parameter end: the byte that closes it; nil is the end of the text.
    private mutating func message(until end: UInt8?, depth: Int) throws(MartletError) -> ProtobufText {
        guard depth <= Self.depthMax else { throw unexpected("nothing nested more than \(Self.depthMax) deep") }
        var message = ProtobufText()
        while true {
            let next = peek()
            if let next, next == end {
                index += 1
                return message
            }
            guard next != nil else {
                guard let end else { return message }
                throw unexpected("\"\(Character(Unicode.Scalar(end)))\"")
            }
            try field(into: &message, depth: depth)
            // Fields may be parted by a comma or semicolon, or by nothing.
            if !take(UInt8(ascii: ",")) { _ = take(UInt8(ascii: ";")) }
        }
    }

    private mutating func field(into message: inout ProtobufText, depth: Int) throws(MartletError) {
        let offset = index
        let name = try fieldName()
        let hasColon = take(UInt8(ascii: ":"))
        func field(_ value: ProtobufText.Value) -> ProtobufText.Field {
            ProtobufText.Field(name: name, value: value, offset: offset)
        }
        guard take(UInt8(ascii: "[")) else {
            message.fields.append(field(try value(mayBeScalar: hasColon, depth: depth)))
            return
        }
        if take(UInt8(ascii: "]")) { return }
        repeat {
            message.fields.append(field(try value(mayBeScalar: hasColon, depth: depth)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected("a comma or \"]\"") }
    }

    private mutating func fieldName() throws(MartletError) -> String {
        guard take(UInt8(ascii: "[")) else {
            guard let name = word() else { throw unexpected("the name of a field") }
            return name
        }
        let start = index
        while let byte = current, byte != UInt8(ascii: "]") {
            guard Self.isWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") else { break }
            index += 1
        }
        let name = String(decoding: bytes[start..<index], as: UTF8.self)
        guard !name.isEmpty, take(UInt8(ascii: "]")) else { throw unexpected("the name of an extension and \"]\"") }
        return "[\(name)]"
    }

    private mutating func value(mayBeScalar: Bool, depth: Int) throws(MartletError) -> ProtobufText.Value {
        if take(UInt8(ascii: "{")) { return .message(try message(until: UInt8(ascii: "}"), depth: depth + 1)) }
        if take(UInt8(ascii: "<")) { return .message(try message(until: UInt8(ascii: ">"), depth: depth + 1)) }
        guard mayBeScalar else { throw unexpected("\":\" or \"{\"") }
        guard let next = peek() else { throw unexpected("a value") }
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try strings())
        case UInt8(ascii: "-"):
            index += 1
            guard let next = peek() else { throw unexpected("a number") }
            if Self.isNumberStart(next) { return .number("-" + takeNumber()) }
            guard let name = word() else { throw unexpected("a number") }
            return .number("-" + name)
        case _ where Self.isNumberStart(next): return .number(takeNumber())
        default:
            guard let name = word() else { throw unexpected("a value") }
            return .word(name)
        }
    }

    // MARK: tokens

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// The next byte that is neither white space nor comment, not consumed; nil at the end.
    private mutating func peek() -> UInt8? {
        while let byte = current {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D: index += 1
            case UInt8(ascii: "#"): while let byte = current, byte != 0x0A { index += 1 }
            default: return byte
            }
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    private mutating func word() -> String? {
        guard let first = peek(), Self.isWord(first), !Self.isDigit(first) else { return nil }
        let start = index
        while let byte = current, Self.isWord(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// What is no number in the end is told by whoever takes it as one.
    private mutating func takeNumber() -> String {
        let start = index
        while let byte = current {
            let isSign = byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            let isAfterExponent = index > start && bytes[index - 1] | 0x20 == UInt8(ascii: "e")
            guard Self.isWord(byte) || byte == UInt8(ascii: ".") || (isSign && isAfterExponent) else { break }
            index += 1
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isNumberStart(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: ".") }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    // MARK: strings

    /// Strings that follow each other are one.
    private mutating func strings() throws(MartletError) -> String {
        var text: [UInt8] = []
        while let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            try string(quote, into: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func string(_ quote: UInt8, into text: inout [UInt8]) throws(MartletError) {
        index += 1
        while let byte = current, byte != 0x0A {
            index += 1
            switch byte {
            case quote: return
            case UInt8(ascii: "\\"): try escape(into: &text)
            default: text.append(byte)
            }
        }
        throw unexpected("the end of a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(MartletError) {
        guard let byte = current else { throw unexpected("an escape") }
        index += 1
        switch byte {
        case UInt8(ascii: "a"): text.append(0x07)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "v"): text.append(0x0B)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "?"): text.append(byte)
        case UInt8(ascii: "x"): text.append(UInt8(truncatingIfNeeded: try digits(1...2, radix: 16)))
        case UInt8(ascii: "u"): try scalar(try digits(4...4, radix: 16), into: &text)
        case UInt8(ascii: "U"): try scalar(try digits(8...8, radix: 16), into: &text)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            text.append(UInt8(truncatingIfNeeded: try digits(1...3, radix: 8)))
        default:
            index -= 1
            throw unexpected("an escape")
        }
    }

    private mutating func digits(_ count: ClosedRange<Int>, radix: UInt32) throws(MartletError) -> UInt32 {
        var value: UInt32 = 0
        var taken = 0
        while taken < count.upperBound, let byte = current,
            let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix
        {
            value = value &* radix &+ UInt32(digit)
            index += 1
            taken += 1
        }
        guard taken >= count.lowerBound else { throw unexpected("digits of an escape") }
        return value
    }

    private func scalar(_ value: UInt32, into text: inout [UInt8]) throws(MartletError) {
        guard let scalar = Unicode.Scalar(value) else { throw unexpected("an escape of a character") }
        text.append(contentsOf: String(Character(scalar)).utf8)
    }

    /// An error that names the place and what stands there.
    private func unexpected(_ expected: String) -> MartletError {
        let place = TextPlace(bytes, offset: index)
        guard index < bytes.count else { return .invalid("\(place): \(expected) was expected, and the text ends.") }
        let found = String(decoding: bytes[index...].prefix(32), as: UTF8.self).prefix { !$0.isNewline }.prefix(16)
        return .invalid(
            "\(place): \(expected) was expected, and \(found.isEmpty ? "the line ends" : "\"\(found)\" stands there").")
    }
}
