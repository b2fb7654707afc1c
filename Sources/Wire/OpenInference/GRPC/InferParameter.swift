internal import Domain

/// The value of one parameter.
enum InferParameter: Hashable {
    case bool(Bool)
    case int64(Int64)
    case string(String)
    case double(Double)
    case uint64(UInt64)
    /// A parameter whose value is of none of the types that are known.
    case other

    /// Reads one entry of a map of parameters.
    static func read(_ entry: consuming ProtobufReader) throws(MartletError) -> (String, InferParameter) {
        var (name, value) = ("", InferParameter.other)
        while let field = try entry.next() {
            switch field.number {
            case 1: name = try entry.string(field)
            case 2: value = try readValue(entry.message(field))
            default: try entry.skip(field)
            }
        }
        return (name, value)
    }

    private static func readValue(_ message: consuming ProtobufReader) throws(MartletError) -> InferParameter {
        var value = InferParameter.other
        while let field = try message.next() {
            switch field.number {
            case 1: value = .bool(try message.bool(field))
            case 2: value = .int64(Int64(bitPattern: try message.integer(field)))
            case 3: value = .string(try message.string(field))
            case 4 where field.encoding == .fixed64:
                let bits = try message.fixedNumbers(field, size: 8).loadUnaligned(as: UInt64.self)
                value = .double(Double(bitPattern: UInt64(littleEndian: bits)))
            case 5: value = .uint64(try message.integer(field))
            default: try message.skip(field)
            }
        }
        return value
    }
}
