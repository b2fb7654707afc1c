public import Domain

/// JSON for reading: indented, keys ascending.
public enum JSONText {
    /// Deeper values are cut, so that a hostile depth cannot exhaust the stack.
    static let depthMax = 32

    public static func indented(_ value: JSONValue) -> String { text(value, depth: 0) }

    private static func text(_ value: JSONValue, depth: Int) -> String {
        guard depth < depthMax else { return "…" }
        let inner = String(repeating: "  ", count: depth + 1)
        let outer = String(repeating: "  ", count: depth)
        switch value {
        case .null: return "null"
        case .bool(let value): return String(value)
        case .int(let value): return String(value)
        case .double(let value): return String(value)
        case .string(let value): return quoted(value)
        case .array(let values):
            if values.isEmpty { return "[]" }
            return "[\n" + values.map { inner + text($0, depth: depth + 1) }.joined(separator: ",\n") + "\n" + outer
                + "]"
        case .object(let members):
            if members.isEmpty { return "{}" }
            let lines = members.sorted { $0.key < $1.key }
                .map { inner + quoted($0.key) + ": " + text($0.value, depth: depth + 1) }
            return "{\n" + lines.joined(separator: ",\n") + "\n" + outer + "}"
        }
    }

    private static func quoted(_ string: String) -> String {
        var output = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
