public import Domain

/// Removes for good what was deleted a while ago, and files that nothing refers to: in bounded pieces, so that serving and
/// writers are not held up; it can be stopped at any point and goes on with the next collection.
///
/// Never collected: what is not deleted; runs and logged models that a registered version was made of; runs whose metrics
/// belong to a logged model that stays; the experiment `0`; files that a path or a version names; audit events and evidence.
public struct Collector: Sendable {
    /// A blob younger than this may belong to an upload that is under way. An upload is referred to within the database's own
    /// deadlines, which are seconds.
    public static let blobGraceDefault = 3_600.0
    /// Things listed at a time.
    static let pageMax = 500

    let database: Database
    let artifacts: ArtifactStore
    let clock: any WallClock
    /// Seconds.
    let blobGrace: Double

    public init(
        database: Database, artifacts: ArtifactStore, clock: any WallClock, blobGrace: Double = blobGraceDefault
    ) {
        self.database = database
        self.artifacts = artifacts
        self.clock = clock
        self.blobGrace = blobGrace
    }

    /// Tells each thing as it goes, or in a dry run would go, and what is held; last the summary.
    ///
    /// - Throws: `notFound` for an id that is not there, `invalidArgument` for one that is not deleted, what `tell` throws.
    public func collect(
        _ scope: CollectionScope, isDryRun: Bool, by actor: Principal,
        tell: (CollectionEvent) async throws -> Void
    ) async throws {
        try await check(scope)
        var round = Round(
            scope: scope, isDryRun: isDryRun, removal: RunRemoval(database: database, clock: clock, actor: actor),
            summary: CollectionSummary(isDryRun: isDryRun))
        if !isDryRun { try await note("collection.start", scope: scope, by: actor, round.summary) }
        try await collectLoggedModels(&round, tell)
        try await collectRuns(&round, tell)
        try await collectExperiments(&round, tell)
        if scope.includesBlobs { try await collectBlobs(&round, tell) }
        if !isDryRun { try await note("collection.end", scope: scope, by: actor, round.summary) }
        try await tell(.done(round.summary))
    }

    struct Round {
        let scope: CollectionScope
        let isDryRun: Bool
        let removal: RunRemoval
        var summary: CollectionSummary
        /// What has gone, or in a dry run would have gone, so that what only it refers to goes too.
        var loggedModels: Set<String> = []
        var runs: Set<String> = []
        /// Their artifact folders.
        var roots: Set<String> = []

        mutating func remember(loggedModel id: String, root: String?) {
            loggedModels.insert(id)
            if let root { roots.insert(root) }
        }

        mutating func remember(run id: String, root: String?) {
            runs.insert(id)
            if let root { roots.insert(root) }
        }
    }

    private func note(
        _ action: String, scope: CollectionScope, by actor: Principal, _ summary: CollectionSummary
    ) async throws {
        let now = clock.now()
        try await database.write { sql in
            try sql.appendAudit(
                AuditDraft(
                    actor: actor, action: action, subject: "collection",
                    after: [
                        "deleted_before": .int(scope.deletedBefore.milliseconds),
                        "experiments": .int(Int64(summary.experiments)), "runs": .int(Int64(summary.runs)),
                        "logged_models": .int(Int64(summary.loggedModels)), "blobs": .int(Int64(summary.blobs)),
                        "freed_bytes": .int(summary.freedBytes),
                    ]),
                at: now)
        }
    }

    /// What was named must be there and deleted: a typing error must not look like success.
    ///
    /// - Throws: `notFound`, `invalidArgument`; `failedPrecondition` for files where they cannot be collected.
    public func check(_ scope: CollectionScope) async throws {
        if scope.includesBlobs { _ = try collecting() }
        guard scope.experiments.count + scope.runs.count + scope.loggedModels.count <= CollectionScope.idsMax else {
            throw MartletError.invalid("A collection names at most \(CollectionScope.idsMax) ids.")
        }
        try await database.read { sql in
            for id in scope.experiments {
                guard try ExperimentStore.experiment(sql, id: ExperimentStore.number(id)).isDeleted else {
                    throw MartletError.invalid("The experiment \(id) is not deleted. Delete it first.")
                }
            }
            for id in scope.runs {
                guard try RunStore.run(sql, id: id).isDeleted else {
                    throw MartletError.invalid("The run \(id) is not deleted. Delete it first.")
                }
            }
            for id in scope.loggedModels {
                let row = try sql.row("SELECT deleted FROM logged_models WHERE model_id = $1", [.text(id)])
                guard let row else { throw MartletError.notFound("Logged model with ID '\(id)' not found.") }
                guard try row.bool("deleted") else {
                    throw MartletError.invalid("The logged model \(id) is not deleted. Delete it first.")
                }
            }
        }
    }
}
