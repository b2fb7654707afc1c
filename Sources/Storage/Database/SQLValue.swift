/// A value bound to a statement or read from a row. The common subset of SQLite and PostgreSQL.
public enum SQLValue: Sendable, Hashable {
    case null
    /// BIGINT, BOOLEAN as 0 or 1, and milliseconds of a timestamp.
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    public static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }
    public static func bool(_ value: Bool) -> SQLValue { .integer(Int64(value ? 1 : 0)) }
    public static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    public static func integer(_ value: Int64?) -> SQLValue { value.map { .integer($0) } ?? .null }
    public static func real(_ value: Double?) -> SQLValue { value.map { .real($0) } ?? .null }
}
