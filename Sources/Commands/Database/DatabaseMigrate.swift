internal import ArgumentParser
internal import Domain
internal import Server
internal import Storage

/// `martlet database migrate`
struct DatabaseMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring both databases up to date while no server runs.",
        discussion: """
            A server does the same when it starts; this is for those who want it apart from the start. Migrations go forward
            only: make a backup first.
            """)

    @OptionGroup var database: DatabaseOptions
    @Flag(help: "Show what would be run, and change nothing.") var dryRun = false

    func run() async throws {
        let maintenance = DatabaseMaintenance(configuration: try await database.load())
        var count = 0
        for (name, status) in try await maintenance.status() {
            for migration in status.pending {
                count += 1
                print("\(dryRun ? "Would apply" : "Pending:") \(name) \(migration.number) (\(migration.name))")
                if dryRun { print(migration.sql.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")) }
            }
        }
        guard count > 0 else {
            print("Both databases are up to date.")
            return
        }
        guard !dryRun else { return }
        try await maintenance.migrate()
        print("Applied \(count) migrations.")
    }
}
