internal import Domain
internal import Logging

/// One schema of a PostgreSQL database: readers with a connection each, one writer that commits in groups.
///
/// A write is durable when `write` returns: `synchronous_commit` is on. While the server cannot be reached, reads and writes
/// fail at once with `unavailable`; connections are made again when it is back.
final class PostgreSQLEngine: Sendable {
    let connector: PostgreSQLConnector
    private let migrator: Migrator?
    private let preparation: PostgreSQLPreparation
    private let group: PostgreSQLGroup
    private let writer: GroupCommitWriter
    private let readers: PostgreSQLReaders

    /// - Parameter migrator: nil takes the schema as it is.
    init(connector: PostgreSQLConnector, migrator: Migrator?, logger: Logger) {
        self.connector = connector
        self.migrator = migrator
        let preparation = PostgreSQLPreparation(connector: connector, migrator: migrator, logger: logger)
        self.preparation = preparation
        let group = PostgreSQLGroup(connector: connector) { try preparation.open(toWrite: true) }
        self.group = group
        writer = GroupCommitWriter(group: group)
        readers = PostgreSQLReaders { try preparation.open(toWrite: false) }
    }

    /// Makes or migrates the schema now, in place of at the first use. Blocks the thread.
    ///
    /// - Throws: `StorageError` of kind `unavailable` if the server cannot be reached; `MartletError` for a server or a schema
    ///   that cannot be used.
    func prepare() throws { _ = try preparation.open(toWrite: true) }

    func write<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        try await writer.write(body)
    }

    func read<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        try await readers.read(body)
    }

    /// Copies what is committed now into a new SQLite file.
    func backup(to path: String) async throws {
        guard let migrator else { throw StorageError(.other, "A schema taken as it is cannot be backed up.") }
        try await readers.read { source in
            let file = try SQLiteEngine(
                path: path, migrations: migrator.migrations, clock: migrator.clock, writerCacheMebibytes: 64)
            try file.transaction { _ = try DatabaseCopy(source: source, target: $0).run() }
            try file.closeNow()
        }
    }

    /// Replaces everything by the contents of a SQLite file with the same migrations.
    func fill(from path: String) async throws {
        try await writer.write { target in
            let file = try SQLiteEngine(readingOnly: path)
            try file.snapshot { _ = try DatabaseCopy(source: $0, target: target).run() }
            try file.closeNow()
        }
    }

    func close() async {
        await writer.close()
        group.close()
        await readers.close()
    }
}
