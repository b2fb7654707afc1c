/// What SQLite writes otherwise than PostgreSQL.
enum SQLiteDialect {
    /// `$1` as `?1`: SQLite numbers `$1` by first appearance, `?1` by the number itself.
    ///
    /// Statements hold no literals with a dollar sign, so each `$` before a digit is a parameter.
    static func numbered(_ sql: String) -> String {
        guard sql.utf8.contains(UInt8(ascii: "$")) else { return sql }
        var bytes = Array(sql.utf8)
        for index in bytes.indices.dropLast() where bytes[index] == UInt8(ascii: "$") {
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index + 1]) {
                bytes[index] = UInt8(ascii: "?")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
