/// The prepared statements of one connection, by their text. Bounded, because searches make a new text for every shape of filter.
struct StatementCache<Statement: CachedStatement> {
    /// Statements kept at most. The fixed statements of all stores are some 300; the rest is for searches.
    static var statementsMax: Int { 500 }

    private var statements: [String: Statement] = [:]
    private var uses: UInt64 = 0

    /// What was kept under the text, if anything was.
    mutating func statement(_ sql: String) -> Statement? {
        guard let found = statements[sql] else { return nil }
        uses += 1
        found.lastUse = uses
        return found
    }

    /// Keeps a statement.
    ///
    /// - Returns: what gives way to it: the least recently used tenth of a full cache; else nothing.
    mutating func keep(_ statement: Statement, as sql: String) -> [Statement] {
        uses += 1
        statement.lastUse = uses
        var evicted: [Statement] = []
        if statements.count >= Self.statementsMax {
            let oldest = statements.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(Self.statementsMax / 10)
            for (key, value) in oldest {
                statements[key] = nil
                evicted.append(value)
            }
        }
        statements[sql] = statement
        return evicted
    }

    mutating func forget(_ sql: String) { statements[sql] = nil }

    mutating func removeAll() { statements.removeAll() }
}

/// A statement that a `StatementCache` can order by use.
protocol CachedStatement: AnyObject {
    var lastUse: UInt64 { get set }
}
