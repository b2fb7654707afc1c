public import Domain
import Statistics

/// What live traffic says of a rollout's two versions, out of the stored partial windows and feedback.
public struct ObservedEvidence: RolloutEvidenceSource {
    private let windows: any WindowStore
    private let join: LabelJoin
    private let policies: any MonitoredEndpointSource
    /// Stores what is still in memory, so that the last request answered counts.
    private let flush: @Sendable () async throws -> Void

    public init(
        windows: any WindowStore, feedback: any FeedbackStore, outcomes: any OutcomeStore,
        endpoints: any MonitoredEndpointSource, flush: @escaping @Sendable () async throws -> Void
    ) {
        self.windows = windows
        join = LabelJoin(feedback: feedback, outcomes: outcomes)
        policies = endpoints
        self.flush = flush
    }

    public func evidence(
        endpoint: String, candidate: Int, champion: Int?, since: Timestamp
    ) async throws -> RolloutEvidence {
        try await flush()
        // A slot belongs to the step if any of it does: `since` is inclusive.
        let slot = Timestamp(
            milliseconds: since.milliseconds / WindowCounter.slotMilliseconds * WindowCounter.slotMilliseconds)
        let partials = try await windows.partials(
            endpoint: endpoint, version: nil, from: slot, to: Timestamp(milliseconds: .max))
        let policy = try await policies.monitoredEndpoints().first { $0.endpoint.name == endpoint }?.policy
        let rows = Dictionary(
            grouping: try await join.rows(endpoint: endpoint, since: since), by: \.outcome.version)
        let ours = PartialWindow.merged(partials.filter { $0.version == candidate })
        let theirs = champion.flatMap { version in PartialWindow.merged(partials.filter { $0.version == version }) }
        return RolloutEvidence(
            candidate: Self.side(ours, rows[candidate] ?? [], policy),
            champion: champion.map { Self.side(theirs, rows[$0] ?? [], policy) },
            predictionPSI: ours.flatMap { ours in
                theirs.flatMap {
                    PredictionComparison.psi(candidate: ours.predictionCounts, champion: $0.predictionCounts)
                }
            })
    }

    private static func side(
        _ window: PartialWindow?, _ rows: [QualityMetrics.Row], _ policy: Policy?
    ) -> RolloutEvidence.Side {
        RolloutEvidence.Side(
            requests: window?.requests ?? 0, errors: window?.errors ?? 0,
            p99Milliseconds: window?.latencyHistogram.quantileNanoseconds(0.99).map { $0 / 1e6 }, labels: rows.count,
            quality: QualityMetrics.compute(rows, task: policy?.task, positive: policy?.positiveClass ?? "1"))
    }
}
