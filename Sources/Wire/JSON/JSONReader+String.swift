internal import Domain

extension JSONReader {
    /// Consumes a string.
    mutating func readString() throws(MartletError) -> String {
        if let plain = takePlainString() { return plain }
        var text: [UInt8] = []
        try readString(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Consumes a string of ASCII without escapes, as names are; nil, and nothing consumed, for any other.
    private mutating func takePlainString() -> String? {
        guard peek() == UInt8(ascii: "\"") else { return nil }
        let start = index + 1
        let plain = bytes.withUnsafeBufferPointer { bytes -> String? in
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
                guard bytes[end] >= 0x20, bytes[end] < 0x80, bytes[end] != UInt8(ascii: "\\") else { return nil }
                end += 1
            }
            guard end < bytes.count else { return nil }
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
        }
        // ASCII: a byte is a character.
        if let plain { advance(by: plain.utf8.count + 2) }
        return plain
    }

    /// Consumes a string and appends its UTF-8 bytes.
    ///
    /// - Throws: `invalidArgument` for bytes that are not UTF-8, bare control characters and half surrogate pairs.
    mutating func readString(into text: inout [UInt8]) throws(MartletError) {
        try expect(UInt8(ascii: "\""), "a string")
        let first = text.count
        var isASCII = true
        while true {
            let start = index
            while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\"),
                bytes[index] >= 0x20
            {
                if bytes[index] >= 0x80 { isASCII = false }
                advance()
            }
            text.append(contentsOf: bytes[start..<index])
            guard index < bytes.count else { throw unexpected("the end of a string") }
            if bytes[index] == UInt8(ascii: "\"") { break }
            guard bytes[index] == UInt8(ascii: "\\") else {
                throw MartletError.invalid("The JSON has a bare control character in a string at byte \(index).")
            }
            advance()
            try readEscape(into: &text)
        }
        advance()
        guard isASCII || String(validating: text[first...], as: UTF8.self) != nil else {
            throw MartletError.invalid("The JSON has a string that is not UTF-8, ending at byte \(index).")
        }
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(MartletError) {
        let escape = current
        advance()
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): try readUnicodeEscape(into: &text)
        default: throw MartletError.invalid("The JSON has an unknown escape at byte \(index - 1).")
        }
    }

    private mutating func readUnicodeEscape(into text: inout [UInt8]) throws(MartletError) {
        var code = try readHexadecimal()
        if (0xD800..<0xDC00).contains(code), current == UInt8(ascii: "\\") {
            advance()
            guard current == UInt8(ascii: "u") else { throw halfPair() }
            advance()
            let low = try readHexadecimal()
            guard (0xDC00..<0xE000).contains(low) else { throw halfPair() }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw halfPair() }
        text.append(contentsOf: UTF8.encode(scalar) ?? .init())
    }

    private func halfPair() -> MartletError {
        .invalid("The JSON has half a surrogate pair at byte \(index).")
    }

    private mutating func readHexadecimal() throws(MartletError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(current)).hexDigitValue else {
                throw unexpected("four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            advance()
        }
        return value
    }
}
