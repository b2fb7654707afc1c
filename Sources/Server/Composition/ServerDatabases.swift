public import Domain
public import Logging
public import Storage

/// The two databases of a server: SQLite files in its data directory, or two schemas of one PostgreSQL database.
public struct ServerDatabases: Sendable {
    static let registrySchema = "martlet_registry"
    static let observationsSchema = "martlet_observations"

    /// The truth.
    public let registry: Database
    /// Windows and prediction log.
    public let observations: Database

    init(registry: Database, observations: Database) {
        self.registry = registry
        self.observations = observations
    }

    /// Opens both and brings them up to date.
    ///
    /// - Parameter mustConnect: whether a PostgreSQL server that cannot be reached is an error, or is waited for.
    /// - Throws: `MartletError` naming what cannot be opened.
    public init(
        dataDirectory: String, databaseURL: String?, clock: any WallClock, mustConnect: Bool, logger: Logger
    ) throws {
        guard let databaseURL else {
            registry = try Database(
                path: dataDirectory + "/registry.db", migrations: Migrations.registry, clock: clock)
            observations = try Database(
                path: dataDirectory + "/observations.db", migrations: Migrations.observations, clock: clock,
                writerCacheMebibytes: 8)
            return
        }
        let address = try PostgreSQLAddress(databaseURL)
        registry = try Database(
            postgresql: address, schema: Self.registrySchema, migrations: Migrations.registry, clock: clock,
            mustConnect: mustConnect, logger: logger)
        observations = try Database(
            postgresql: address, schema: Self.observationsSchema, migrations: Migrations.observations, clock: clock,
            mustConnect: mustConnect, logger: logger)
    }

    public func close() async throws {
        try await observations.close()
        try await registry.close()
    }
}
