internal import Domain

/// Reads JSON (RFC 8259) from bytes, forwards, in one pass, without a tree.
///
/// Used where bodies are large or hostile: it never allocates more than what it has read, and its depth is bounded.
struct JSONReader {
    let bytes: [UInt8]
    private(set) var index: Int

    /// Arrays and objects inside one another. No protocol here needs more than a dozen.
    static let depthMax = 64

    init(_ bytes: [UInt8], at index: Int = 0) {
        self.bytes = bytes
        self.index = index
    }

    // MARK: single bytes

    /// The next byte that is no white space, not consumed; 0 at the end (no JSON token begins with it).
    mutating func peek() -> UInt8 {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            index += 1
        }
        return 0
    }

    /// The byte here, white space or not; 0 at the end.
    var current: UInt8 { index < bytes.count ? bytes[index] : 0 }

    mutating func advance(by count: Int = 1) { index += count }

    /// Consumes `byte` if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ what: String) throws(MartletError) {
        guard take(byte) else { throw unexpected(what) }
    }

    /// An error that names the place and what stands there.
    func unexpected(_ expected: String) -> MartletError {
        guard index < bytes.count else { return .invalid("The JSON ends too early: \(expected) was expected.") }
        return .invalid("The JSON is wrong at byte \(index): \(expected) was expected.")
    }

    /// - Throws: `invalidArgument` if anything but white space is left.
    mutating func expectEnd() throws(MartletError) {
        _ = peek()
        guard index >= bytes.count else { throw unexpected("the end") }
    }

    // MARK: values

    /// Consumes `true` or `false`; nil if neither comes next.
    mutating func takeBool() -> Bool? {
        if takeLiteral("true") { return true }
        if takeLiteral("false") { return false }
        return nil
    }

    mutating func takeNull() -> Bool { takeLiteral("null") }

    private mutating func takeLiteral(_ literal: StaticString) -> Bool {
        _ = peek()
        let count = literal.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        let matches = literal.withUTF8Buffer { text in
            (0..<count).allSatisfy { bytes[index + $0] == text[$0] }
        }
        if matches { index += count }
        return matches
    }

    /// Consumes any value, checking its grammar.
    mutating func skipValue(depth: Int = 0) throws(MartletError) {
        guard depth < Self.depthMax else {
            throw MartletError.invalid("The JSON is nested more than \(Self.depthMax) deep at byte \(index).")
        }
        switch peek() {
        case UInt8(ascii: "{"):
            try readObject { reader, _ throws(MartletError) in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try readArray { reader throws(MartletError) in try reader.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""):
            _ = try readString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            _ = try readNumber()
        default:
            guard takeBool() != nil || takeNull() else { throw unexpected("a value") }
        }
    }

    /// Consumes an object. `member` must consume the value.
    ///
    /// - Throws: `invalidArgument` also for a key that stands twice: which of the two would count is anyone's guess.
    mutating func readObject(
        _ member: (inout JSONReader, String) throws(MartletError) -> Void
    ) throws(MartletError) {
        try expect(UInt8(ascii: "{"), "an object")
        if take(UInt8(ascii: "}")) { return }
        var keys = KeySet()
        repeat {
            guard peek() == UInt8(ascii: "\"") else { throw unexpected("a member's name") }
            let key = try readString()
            guard keys.insert(key) else {
                throw MartletError.invalid("The JSON has the member \"\(key.prefix(64))\" twice in one object.")
            }
            try expect(UInt8(ascii: ":"), "a colon")
            try member(&self, key)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the end of the object")
    }

    /// The members of one object so far. A few are compared one by one, which is cheaper than to hash them.
    private struct KeySet {
        private static let fewMax = 8
        private var few: [String] = []
        private var many: Set<String> = []

        /// Whether it was not there.
        mutating func insert(_ key: String) -> Bool {
            if few.count < Self.fewMax {
                guard !few.contains(key) else { return false }
                few.append(key)
                return true
            }
            return !few.contains(key) && many.insert(key).inserted
        }
    }

    /// Consumes an array. `element` must consume one value.
    mutating func readArray(_ element: (inout JSONReader) throws(MartletError) -> Void) throws(MartletError) {
        try expect(UInt8(ascii: "["), "an array")
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the end of the array")
    }
}
