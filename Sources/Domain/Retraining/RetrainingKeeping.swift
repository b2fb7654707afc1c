/// The port through which retraining runs are kept. A change and its audit event are one transaction.
public protocol RetrainingKeeping: Sendable {
    /// Keeps a new run, under way from now on.
    ///
    /// - Parameter cooldownSeconds: the least time since the start of the model's run before; 0 asks for none.
    /// - Throws: `failedPrecondition` while a run of the model is under way, or within the cooldown.
    func begin(
        model: String, trigger: RetrainingRun.Trigger, reason: String, cooldownSeconds: Double, by actor: Principal
    ) async throws -> RetrainingRun
    /// Keeps how it ended.
    func end(_ run: RetrainingRun) async throws
    /// Marks the runs that a stop of the server cut off; returns how many.
    func markInterrupted() async throws -> Int
    /// - Throws: `notFound`.
    func run(_ id: Int64) async throws -> RetrainingRun
    /// Newest first, without their logs.
    /// - Parameters:
    ///   - model: nil takes those of all models.
    ///   - before: only ids below it, for the next page.
    ///   - limit: 1…1,000.
    func runs(model: String?, before: Int64?, limit: Int) async throws -> [RetrainingRun]
}

/// The port through which retraining gets the new data set of a model.
public protocol RetrainingDataSource: Sendable {
    /// What live traffic and feedback gave so far.
    func dataset(model: String) async throws -> RetrainingDataset
}

/// Recorded predictions whose labels are known, as CSV: a column a feature, and `label`.
public struct RetrainingDataset: Sendable {
    public var csv: [UInt8]
    public var rows: Int
    /// SHA-256 of the CSV, lower-case hex.
    public var digest: String

    public init(csv: [UInt8], rows: Int, digest: String) {
        self.csv = csv
        self.rows = rows
        self.digest = digest
    }
}
