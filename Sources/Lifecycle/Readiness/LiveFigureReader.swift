public import Domain

/// Reads what live traffic and feedback say of one version.
public struct LiveFigureReader: Sendable {
    /// The newest feedback with figures that is looked through.
    static let feedbackMax = 10_000

    private let evidence: any RolloutEvidenceSource
    private let feedback: any FeedbackStore
    private let ids: any PredictionIDSealing

    public init(evidence: any RolloutEvidenceSource, feedback: any FeedbackStore, ids: any PredictionIDSealing) {
        self.evidence = evidence
        self.feedback = feedback
        self.ids = ids
    }

    /// Since the version was registered, as far back as windows are kept.
    public func figures(of record: VersionRecord) async throws -> LiveFigures {
        let side = try await evidence.evidence(
            endpoint: record.id.model, candidate: record.id.version, champion: nil, since: record.createdAt
        ).candidate
        var values: [String: [Double]] = [:]
        let rows = try await feedback.newestWithKPIs(
            endpoint: record.id.model, since: record.createdAt, limit: Self.feedbackMax)
        for row in rows {
            // Figures under a business key alone tell no version.
            guard let id = row.predictionID, try ids.open(id).version == record.id.version else { continue }
            for (name, value) in row.kpis { values[name, default: []].append(value) }
        }
        return LiveFigures(
            requests: side.requests, errors: side.errors,
            kpis: values.mapValues { LiveFigures.KPI(mean: $0.reduce(0, +) / Double($0.count), count: $0.count) })
    }
}
