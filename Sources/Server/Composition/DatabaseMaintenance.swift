internal import Domain
internal import Foundation
internal import Logging
public import Storage

/// What is done to a server's databases without the server.
public struct DatabaseMaintenance: Sendable {
    private var configuration: ServerConfiguration
    private let clock = SystemClock()

    public init(configuration: ServerConfiguration) {
        self.configuration = configuration
        // A variable that is set to nothing is not set.
        if configuration.databaseURL == "" { self.configuration.databaseURL = nil }
    }

    /// Both databases as they are; nothing is changed.
    ///
    /// - Throws: `notFound` if there is none yet.
    public func status() async throws -> [(name: String, status: DatabaseStatus)] {
        let databases = try openAsTheyAre()
        let result: [(name: String, status: DatabaseStatus)] = [
            ("registry", try await databases.registry.status(migrations: Migrations.registry, clock: clock)),
            (
                "observations",
                try await databases.observations.status(migrations: Migrations.observations, clock: clock)
            ),
        ]
        try await databases.close()
        return result
    }

    /// Applies what is pending.
    ///
    /// - Throws: `failedPrecondition` if a server runs on the folder.
    public func migrate() async throws {
        let directory = try DataDirectory(path: configuration.dataDirectory, role: .all)
        let databases = try ServerDatabases(
            dataDirectory: configuration.dataDirectory, databaseURL: configuration.databaseURL, clock: clock,
            mustConnect: true, logger: Logger(label: "martlet"))
        try await databases.close()
        // Holds the lock until here.
        withExtendedLifetime(directory) {}
    }

    /// - Throws: `failedPrecondition` if migrations are pending or a key is missing; if something cannot be read at all.
    public func verify(progress: @Sendable (Int, Int) -> Void) async throws -> DatabaseVerifier.Report {
        let databases = try openAsTheyAre()
        let status = try await databases.registry.status(migrations: Migrations.registry, clock: clock)
        guard status.pending.isEmpty else {
            throw MartletError.precondition(
                "\(status.pending.count) migrations are pending, without which not all is known that must be verified: martlet database migrate."
            )
        }
        let report = try await DatabaseVerifier(
            dataDirectory: configuration.dataDirectory, registry: databases.registry,
            observations: databases.observations, artifacts: try await artifactsAsTheyAre(databases.registry)
        ).run(progress: progress)
        try await databases.close()
        return report
    }

    private func artifactsAsTheyAre(_ registry: Database) async throws -> ArtifactStore {
        let keys = try await DataKeyStore(
            database: registry, clock: clock, keyFile: configuration.encryptionKeyFile
        ).open(makes: false)
        let bucket = try configuration.makeBucket(environment: ProcessInfo.processInfo.environment)
        try await bucket?.check()
        return ArtifactStore(
            database: registry, clock: clock,
            blobs: BlobStore(
                keeper: bucket ?? FolderBlobKeeper(reading: configuration.artifactFolder), cache: nil, keys: keys))
    }

    /// Unpacks a backup into the data directory, which is new or empty, and, where the databases are not files, their contents
    /// into schemas that are not there yet. All of it or nothing.
    ///
    /// - Throws: `failedPrecondition` if there is anything already; what reading the backup throws.
    public func restore(_ file: String) async throws -> BackupManifest {
        let folder = configuration.dataDirectory
        guard let url = configuration.databaseURL else { return try BackupReader.restore(file, into: folder) }
        let address = try PostgreSQLAddress(url)
        let schemas = [ServerDatabases.registrySchema, ServerDatabases.observationsSchema]
        for schema in schemas where try Database.exists(address, schema: schema) {
            throw MartletError.precondition(
                "The database at \(address) has the schema \(schema) already. A backup is restored into a database without it."
            )
        }
        let manifest = try BackupReader.restore(file, into: folder)
        do {
            let databases = try ServerDatabases(
                dataDirectory: folder, databaseURL: url, clock: clock, mustConnect: true,
                logger: Logger(label: "martlet"))
            let files = try ServerDatabases(
                dataDirectory: folder, databaseURL: nil, clock: clock, mustConnect: true,
                logger: Logger(label: "martlet"))
            // Now of the same migrations as the schemas.
            try await files.close()
            try await databases.registry.fill(from: folder + "/registry.db")
            try await databases.observations.fill(from: folder + "/observations.db")
            try await databases.close()
            for name in try FileManager.default.contentsOfDirectory(atPath: folder)
            where name.hasPrefix("registry.db") || name.hasPrefix("observations.db") {
                try FileManager.default.removeItem(atPath: folder + "/" + name)
            }
            return manifest
        } catch {
            // Half a restore helps nobody; why there is no whole one does.
            for schema in schemas { try? Database.drop(address, schema: schema) }
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
    }

    /// Verifies the audit chain alone.
    public func verifyAudit() async throws -> AuditVerifier.Verdict {
        let databases = try openAsTheyAre()
        let verdict = try await AuditVerifier.verify(
            dataDirectory: configuration.dataDirectory, registry: databases.registry)
        try await databases.close()
        return verdict
    }

    /// Writes a backup while no server runs.
    ///
    /// - Throws: `failedPrecondition` if a server runs on the folder, and what reading it throws.
    public func backup(_ sink: ([UInt8]) async throws -> Void) async throws {
        let directory = try DataDirectory(path: configuration.dataDirectory, role: .all)
        let databases = try ServerDatabases(
            dataDirectory: configuration.dataDirectory, databaseURL: configuration.databaseURL, clock: clock,
            mustConnect: true, logger: Logger(label: "martlet"))
        let now = clock.now()
        try await AuditStore(database: databases.registry).append(
            AuditDraft(actor: .system, action: "backup.create", subject: "server"), at: now)
        let plan = try await BackupPlan.prepare(
            dataDirectory: configuration.dataDirectory, registry: databases.registry,
            observations: databases.observations, at: now)
        defer { plan.discard() }
        try await plan.write(sink)
        try await databases.close()
        // Holds the lock until here.
        withExtendedLifetime(directory) {}
    }

    /// - Throws: `notFound` if there is none.
    private func openAsTheyAre() throws -> ServerDatabases {
        guard let url = configuration.databaseURL else {
            return ServerDatabases(
                registry: try Database(readingOnly: configuration.dataDirectory + "/registry.db"),
                observations: try Database(readingOnly: configuration.dataDirectory + "/observations.db"))
        }
        let address = try PostgreSQLAddress(url)
        return ServerDatabases(
            registry: try Database(readingOnly: address, schema: ServerDatabases.registrySchema),
            observations: try Database(readingOnly: address, schema: ServerDatabases.observationsSchema))
    }
}
