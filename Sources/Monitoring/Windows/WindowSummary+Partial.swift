import Domain
import Statistics

extension WindowSummary {
    /// Traffic figures of a merged window, not judged yet.
    init(_ content: PartialWindow, start: Timestamp, end: Timestamp, role: Variant.Role) {
        let latency = content.latencyHistogram
        self.init(
            endpoint: content.endpoint, version: content.version, role: role, start: start, end: end,
            requests: content.requests, errors: content.errors, rejected: content.rejected,
            p50Milliseconds: latency.quantileNanoseconds(0.5).map { $0 / 1e6 },
            p99Milliseconds: latency.quantileNanoseconds(0.99).map { $0 / 1e6 }, profile: nil, verdicts: [])
    }
}

extension Profile {
    /// What was counted against a reference, in its bins.
    init(_ content: PartialWindow, reference: Profile) {
        self.init(
            rows: content.rows,
            features: zip(reference.features, content.features).map { FeatureProfile(like: $0, counted: $1) },
            prediction: content.prediction.flatMap { column in
                reference.prediction.map { FeatureProfile(like: $0, counted: column) }
            })
    }
}
