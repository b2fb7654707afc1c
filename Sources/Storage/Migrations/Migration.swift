/// One numbered, forward-only change of a schema.
public struct Migration: Sendable {
    /// Unique within its list; applied in ascending order.
    public var number: Int
    /// A few words, stored with the number.
    public var name: String
    /// Statements separated by semicolons.
    public var sql: String

    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }
}
