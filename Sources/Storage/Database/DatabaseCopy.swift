internal import Domain

/// Copies all rows of one database into another with the same migrations, engine to engine. One of the two is SQLite, whose
/// catalogue says what there is.
struct DatabaseCopy {
    /// Rows fetched from a server at a time.
    static let pageRows = 2_000

    let source: SQLConnection
    let target: SQLConnection

    /// Replaces what the target holds. Call it inside a transaction of both.
    ///
    /// - Returns: the number of rows copied.
    /// - Throws: `failedPrecondition` if the two have other migrations; `StorageError`.
    @discardableResult
    func run() throws -> Int {
        let migrations = try [source, target].map {
            try Migrator.applied($0).map { "\($0.number) \($0.checksum ?? "")" }
        }
        guard migrations[0] == migrations[1] else {
            throw MartletError.precondition(
                "The two databases have different migrations. Start the newer Martlet once.")
        }
        let catalogue: SQLConnection
        if case .sqlite = source.engine { catalogue = source } else { catalogue = target }
        let tables = try Self.tables(catalogue)
        // What the migrations themselves put there.
        for table in tables.reversed() { try target.execute("DELETE FROM \(table.name)") }
        return try tables.reduce(0) { $0 + (try copy($1)) }
    }

    private struct Copied {
        var name: String
        var columns: [String]
    }

    private func copy(_ table: Copied) throws -> Int {
        let columns = table.columns.joined(separator: ", ")
        let marks = table.columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let insert = "INSERT INTO \(table.name) (\(columns)) VALUES (\(marks))"
        var count = 0
        try source.forEachRow("SELECT \(columns) FROM \(table.name)") { row in
            count += 1
            try target.send(insert, row.values)
        }
        return count
    }

    /// All tables but that of the migrations; those that others refer to come before them.
    private static func tables(_ sqlite: SQLConnection) throws -> [Copied] {
        let names = try sqlite.rows(
            """
            SELECT name FROM sqlite_master
            WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' AND name <> 'schema_migrations' ORDER BY name
            """
        ).map { try $0.text("name") }
        var references: [String: Set<String>] = [:]
        for name in names {
            let rows = try sqlite.rows(
                "SELECT DISTINCT \"table\" AS parent FROM pragma_foreign_key_list($1)", [.text(name)])
            references[name] = Set(try rows.map { try $0.text("parent") }).subtracting([name])
        }
        var ordered: [String] = []
        while ordered.count < names.count {
            let ready = names.filter { name in
                !ordered.contains(name) && (references[name] ?? []).isSubset(of: ordered)
            }
            guard !ready.isEmpty else { throw MartletError(.internal, "The tables refer to one another in a circle.") }
            ordered += ready
        }
        return try ordered.map { name in
            let rows = try sqlite.rows("SELECT name FROM pragma_table_info($1) ORDER BY cid", [.text(name)])
            return Copied(name: name, columns: try rows.map { try $0.text("name") })
        }
    }
}
