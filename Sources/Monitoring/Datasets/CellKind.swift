internal import Domain

/// What one value of a data set is, told from its text.
enum CellKind: Equatable {
    case missing
    case integer(Double)
    case number(Double)
    case boolean
    /// Milliseconds since 1970, UTC.
    case timestamp(Double)
    case text

    /// What pandas reads as missing.
    private static let missingTexts: Set<String> = [
        "", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
    ]
    /// No spelling of a number that is worth reading as one is longer.
    private static let numberBytesMax = 40

    init(_ cell: ArraySlice<UInt8>) {
        guard let first = cell.first else {
            self = .missing
            return
        }
        switch first {
        case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            self = Self.number(cell) ?? Self.moment(cell) ?? .text
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            self = Self.isBoolean(cell) ? .boolean : .text
        case UInt8(ascii: "N"), UInt8(ascii: "n"), UInt8(ascii: "<"), UInt8(ascii: "#"):
            self = cell.count <= 5 && Self.missingTexts.contains(Self.string(cell)) ? .missing : .text
        default: self = .text
        }
    }

    private static func number(_ cell: ArraySlice<UInt8>) -> CellKind? {
        guard cell.count <= numberBytesMax else { return nil }
        var isInteger = true
        for (index, byte) in cell.enumerated() {
            switch byte {
            case 48...57: break
            case UInt8(ascii: "-"), UInt8(ascii: "+"): if index > 0 { isInteger = false }
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isInteger = false
            default: return nil
            }
        }
        guard let value = Double(string(cell)), value.isFinite else { return nil }
        return isInteger ? .integer(value) : .number(value)
    }

    private static func moment(_ cell: ArraySlice<UInt8>) -> CellKind? {
        // 2026-11-20 at least, and the year's hyphen says at once that it may be one.
        guard cell.count >= 10, cell.count <= 35, cell[cell.startIndex + 4] == UInt8(ascii: "-"),
            let time = Timestamp(iso8601: cell)
        else { return nil }
        return .timestamp(Double(time.milliseconds))
    }

    private static func isBoolean(_ cell: ArraySlice<UInt8>) -> Bool {
        guard cell.count == 4 || cell.count == 5 else { return false }
        return ["true", "false", "True", "False", "TRUE", "FALSE"].contains(string(cell))
    }

    private static func string(_ cell: ArraySlice<UInt8>) -> String { String(decoding: cell, as: UTF8.self) }
}
