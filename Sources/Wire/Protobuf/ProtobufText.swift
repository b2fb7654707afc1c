/// One message in the text format of Protocol Buffers (protobuf.dev/reference/protobuf/textformat-spec): its fields in their order. A list
/// is as many fields of its name.
struct ProtobufText: Sendable, Hashable {
    enum Value: Sendable, Hashable {
        case string(String)
        /// As it stands: decimal, octal, hexadecimal or with a point.
        case number(String)
        /// A name: of an enumeration, `true`, `inf`.
        case word(String)
        case message(ProtobufText)
    }

    struct Field: Sendable, Hashable {
        var name: String
        var value: Value
        /// The byte of the text at which its name begins; nil where it is from no text.
        var offset: Int?
    }

    var fields: [Field] = []
}

/// A place in a text for a person.
struct TextPlace: Sendable, Hashable, CustomStringConvertible {
    /// 1 is the first.
    let line: Int
    /// 1 is the first, in characters.
    let column: Int

    init(_ bytes: [UInt8], offset: Int) {
        let before = bytes.prefix(offset)
        line = 1 + before.count { $0 == 0x0A }
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        column = 1 + String(decoding: before[start...], as: UTF8.self).count
    }

    var description: String { "\(line):\(column)" }
}
