/// Looks at a text before the YAML parser does, whose recursion and alias expansion have no bounds that suit a server.
enum PolicyShape {
    /// Nil where the text may be parsed.
    static func problem(_ text: String) -> PolicyProblem? {
        var brackets = 0
        var anchors = 0
        var aliases = 0
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func refused(_ message: String) -> PolicyProblem {
                PolicyProblem(line: index + 1, column: 1, field: "", message: message)
            }
            if blockDepth(line) > PolicyDocument.depthMax { return refused("This is nested too deeply.") }
            var previous: UInt8 = UInt8(ascii: " ")
            let bytes = Array(line.utf8)
            for (column, byte) in bytes.enumerated() {
                switch byte {
                case UInt8(ascii: "["), UInt8(ascii: "{"): brackets += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): brackets = max(0, brackets - 1)
                case UInt8(ascii: "&") where startsName(bytes, column, previous): anchors += 1
                case UInt8(ascii: "*") where startsName(bytes, column, previous): aliases += 1
                default: break
                }
                if brackets > PolicyDocument.depthMax { return refused("This is nested too deeply.") }
                previous = byte
            }
            if anchors > PolicyDocument.aliasesMax, aliases > PolicyDocument.aliasesMax {
                return refused("Anchors (&) and aliases (*) are not taken; write the values out.")
            }
        }
        return nil
    }

    /// Indicators `- ` and `? ` at the beginning of a line each open a level.
    private static func blockDepth(_ line: Substring) -> Int {
        line.utf8.prefix { " -?:\t".utf8.contains($0) }.count { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "?") }
    }

    private static func startsName(_ bytes: [UInt8], _ column: Int, _ previous: UInt8) -> Bool {
        " \t[{,:?-".utf8.contains(previous) && column + 1 < bytes.count && !" \t".utf8.contains(bytes[column + 1])
    }
}
