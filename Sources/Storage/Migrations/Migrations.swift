/// The two schemas, as lists of migrations. Each aggregate adds its own file to this folder and its line here.
public enum Migrations {
    /// registry.db: the truth.
    public static let registry: [Migration] = [
        .audit, .accounts, .auditCheckpoints, .tracking, .modelRegistry, .versionAuthors, .policies, .approvals,
        .readiness,
        .endpoints, .rollouts, .retraining, .preparations, .feedback, .alerts, .datasets, .openLineage,
        .registryHistory, .registryHistoryDates, .aliasRules, .collection, .imports, .loggedModelMetrics, .webhooks,
        .metricSearch, .narrowKeys, .dataKeys, .artifactUploads, .versionSignatures, .metricInbox,
        .requestLimits, .optimizations,
    ]

    /// observations.db: windows and prediction log, prunable by retention.
    public static let observations: [Migration] = [
        .observationsStart, .windows, .predictionLog, .outcomeBlocks,
    ]
}

extension Migration {
    /// Holds the number 0, so that an empty file is known as ours.
    static let observationsStart = Migration(number: 0, name: "start", sql: "SELECT 1")
}
