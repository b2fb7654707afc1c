internal import Domain

/// What the pages ask of the retraining runs.
struct RetrainingRunReading: Sendable {
    /// Newest first: those before an id (nil begins at the newest), at most so many.
    let newest: @Sendable (_ before: Int64?, _ limit: Int) async throws -> [RetrainingRun]
    /// Throws `notFound` if there is no such run.
    let one: @Sendable (_ id: Int64) async throws -> RetrainingRun
}
