internal import Domain
internal import Storage

/// Backs up the folder of a server that does not run.
public enum OfflineBackup {
    /// - Throws: `failedPrecondition` if a server runs on the folder, and what reading it throws.
    public static func write(dataDirectory: String, _ sink: ([UInt8]) async throws -> Void) async throws {
        let directory = try DataDirectory(path: dataDirectory, role: .all)
        let clock = SystemClock()
        let registry = try Database(
            path: dataDirectory + "/registry.db", migrations: Migrations.registry, clock: clock)
        let observations = try Database(
            path: dataDirectory + "/observations.db", migrations: Migrations.observations, clock: clock)
        let now = clock.now()
        try await AuditStore(database: registry).append(
            AuditDraft(actor: .system, action: "backup.create", subject: "server"), at: now)
        let plan = try await BackupPlan.prepare(
            dataDirectory: dataDirectory, registry: registry, observations: observations, at: now)
        defer { plan.discard() }
        try await plan.write(sink)
        try await observations.close()
        try await registry.close()
        // Holds the lock until here.
        withExtendedLifetime(directory) {}
    }
}
