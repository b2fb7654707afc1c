import Domain

/// JSON for reading: indented, keys ascending.
struct JSONText {
    /// Deeper values are cut, so that a hostile depth cannot exhaust the stack.
    static let depthMax = 32
    /// Longer texts are cut: nobody reads them on a page, and a page holds many.
    static let bytesMax = 20_000

    private var output = ""

    static func indented(_ value: JSONValue) -> String {
        var text = JSONText()
        text.write(value, depth: 0)
        return text.isFull ? text.output + "\n… cut here" : text.output
    }

    private var isFull: Bool { output.utf8.count > Self.bytesMax }

    private mutating func write(_ value: JSONValue, depth: Int) {
        guard !isFull else { return }
        guard depth < Self.depthMax else {
            output += "…"
            return
        }
        switch value {
        case .null: output += "null"
        case .bool(let value): output += String(value)
        case .int(let value): output += String(value)
        case .double(let value): output += String(value)
        case .string(let value): write(quoted: value)
        case .array(let values):
            // Numbers in a row stay on one line: a tensor is unreadable otherwise.
            if values.allSatisfy(Self.isScalar) {
                list(values, open: "[", close: "]", depth: nil) { $0.write($1, depth: depth) }
            } else {
                list(values, open: "[", close: "]", depth: depth) { $0.write($1, depth: depth + 1) }
            }
        case .object(let members):
            list(members.sorted { $0.key < $1.key }, open: "{", close: "}", depth: depth) { text, member in
                text.write(quoted: member.key)
                text.output += ": "
                text.write(member.value, depth: depth + 1)
            }
        }
    }

    private static func isScalar(_ value: JSONValue) -> Bool {
        switch value {
        case .array, .object, .string: false
        default: true
        }
    }

    /// - Parameter depth: nil writes all on one line.
    private mutating func list<Item>(
        _ items: [Item], open: String, close: String, depth: Int?, _ write: (inout JSONText, Item) -> Void
    ) {
        output += open
        for (index, item) in items.enumerated() {
            guard !isFull else { return }
            if index > 0 { output += depth == nil ? ", " : "," }
            if let depth { output += "\n" + String(repeating: "  ", count: depth + 1) }
            write(&self, item)
        }
        if let depth, !items.isEmpty { output += "\n" + String(repeating: "  ", count: depth) }
        output += close
    }

    private mutating func write(quoted string: String) {
        output += "\""
        for scalar in string.unicodeScalars.prefix(Self.bytesMax) {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
