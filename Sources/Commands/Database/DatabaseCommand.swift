internal import ArgumentParser

/// `martlet database`
struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "Look at, migrate, back up, restore and verify what a server keeps.",
        subcommands: [
            DatabaseStatusCommand.self, DatabaseMigrate.self, Backup.self, Restore.self, DatabaseVerify.self,
        ])
}
