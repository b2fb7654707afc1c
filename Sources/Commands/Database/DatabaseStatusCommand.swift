internal import ArgumentParser
internal import Domain
internal import Server
internal import Storage

/// `martlet database status`
struct DatabaseStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show engine, migrations, size and rows of both databases.",
        discussion: "Only looks; a server may run meanwhile. Exits with 2 if migrations are pending.")

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Show the rows of each table too.") var tables = false

    func run() async throws {
        let statuses = try await DatabaseMaintenance(configuration: try await database.load()).status()
        let rows = statuses.map { name, status -> JSONValue in
            [
                "database": .string(name), "engine": .string(status.engine), "bytes": .int(status.bytes),
                "migration": .int(Int64(status.applied.last?.number ?? 0)),
                "applied": .int(Int64(status.applied.count)), "pending": .int(Int64(status.pending.count)),
                "rows": .int(status.tables.reduce(0) { $0 + $1.rows }),
                "pending_migrations": .array(
                    status.pending.map { ["number": .int(Int64($0.number)), "name": .string($0.name)] }),
                "tables": .array(status.tables.map { ["table": .string($0.name), "rows": .int($0.rows)] }),
            ]
        }
        try output.show(
            list: rows,
            columns: [
                Column("DATABASE", "database"), Column("ENGINE", "engine"), .number("MIGRATION", "migration"),
                .number("PENDING", "pending"), .number("BYTES", "bytes"), .number("ROWS", "rows"),
            ], whenEmpty: "")
        if tables, output.output == .table {
            for (name, status) in statuses {
                print("\n\(name)")
                print(
                    Table(
                        status.tables.map { ["table": .string($0.name), "rows": .int($0.rows)] },
                        columns: [Column("TABLE", "table"), .number("ROWS", "rows")]
                    ).text)
            }
        }
        if statuses.contains(where: { !$0.1.pending.isEmpty }) { throw CommandExit.answeredNo }
    }
}
