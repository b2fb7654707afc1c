import Domain

/// Joins feedback with the predictions that it is about.
///
/// By prediction id and row; where that request carried a business key, the other versions' predictions of the same key and row
/// (a shadow's, say) get the label too. By business key and row: the newest prediction with this key of each version that was made
/// before the feedback came.
struct LabelJoin: Sendable {
    /// The newest feedback that is looked at: quality is of the present.
    static let feedbackMax = 5_000
    /// What `OutcomeStore` takes at a time.
    static let chunk = 500

    let feedback: any FeedbackStore
    let outcomes: any OutcomeStore

    /// Labelled predictions made at `since` or later, newest first.
    func rows(
        endpoint: String, since: Timestamp, limit: Int = Self.feedbackMax
    ) async throws -> [QualityMetrics.Row] {
        let entries = try await feedback.newestLabelled(endpoint: endpoint, since: since, limit: limit)
        return try await join(entries, endpoint: endpoint, since: since) { $0.label }
            .map { QualityMetrics.Row(outcome: $0.outcome, label: $0.value) }
    }

    /// Business figures of predictions made at `since` or later, by version.
    func kpis(endpoint: String, since: Timestamp) async throws -> [Int: [String: Double]] {
        let entries = try await feedback.newestWithKPIs(endpoint: endpoint, since: since, limit: Self.feedbackMax)
        let joined = try await join(entries, endpoint: endpoint, since: since) { $0.kpis.isEmpty ? nil : $0.kpis }
        var sums: [Int: [String: (sum: Double, count: Double)]] = [:]
        for (outcome, kpis) in joined {
            for (name, value) in kpis {
                let before = sums[outcome.version]?[name] ?? (0, 0)
                sums[outcome.version, default: [:]][name] = (before.sum + value, before.count + 1)
            }
        }
        return sums.mapValues { $0.mapValues { $0.sum / $0.count } }
    }

    private func join<Value>(
        _ entries: [Feedback], endpoint: String, since: Timestamp, _ value: (Feedback) -> Value?
    ) async throws -> [(outcome: PredictionOutcome, value: Value)] {
        let byID = try await outcomes(of: Set(entries.compactMap(\.predictionID)))
        let own = Dictionary(
            byID.map { (RowKey($0.predictionID.rawValue, $0.row), $0) }, uniquingKeysWith: { a, _ in a })
        let keys = Set(entries.compactMap(\.businessKey)).union(byID.compactMap(\.businessKey))
        let byKey = Dictionary(
            grouping: try await outcomes(endpoint: endpoint, keys: keys),
            by: { RowKey($0.businessKey ?? "", $0.row) })
        var found: [RowKey: (PredictionOutcome, Value)] = [:]
        // Oldest first, so that the newest word on a row is the one that stays.
        for entry in entries.sorted(by: { $0.time < $1.time }) {
            guard let value = value(entry) else { continue }
            for outcome in Self.matches(entry, own, byKey) where outcome.time >= since {
                found[RowKey(outcome.predictionID.rawValue, outcome.row)] = (outcome, value)
            }
        }
        return found.values.map { (outcome: $0.0, value: $0.1) }
            .sorted { ($0.outcome.time, $0.outcome.row) > ($1.outcome.time, $1.outcome.row) }
    }

    private static func matches(
        _ entry: Feedback, _ own: [RowKey: PredictionOutcome], _ byKey: [RowKey: [PredictionOutcome]]
    ) -> [PredictionOutcome] {
        if let id = entry.predictionID {
            guard let outcome = own[RowKey(id.rawValue, entry.row)] else { return [] }
            guard let key = outcome.businessKey else { return [outcome] }
            let others = (byKey[RowKey(key, entry.row)] ?? []).filter { $0.version != outcome.version }
            return [outcome] + newestByVersion(others)
        }
        guard let key = entry.businessKey else { return [] }
        return newestByVersion((byKey[RowKey(key, entry.row)] ?? []).filter { $0.time <= entry.time })
    }

    private static func newestByVersion(_ outcomes: [PredictionOutcome]) -> [PredictionOutcome] {
        Array(
            Dictionary(outcomes.map { ($0.version, $0) }, uniquingKeysWith: { $0.time >= $1.time ? $0 : $1 }).values)
    }

    private func outcomes(of ids: Set<PredictionID>) async throws -> [PredictionOutcome] {
        var result: [PredictionOutcome] = []
        for part in chunks(Array(ids)) { result += try await outcomes.outcomes(of: part) }
        return result
    }

    private func outcomes(endpoint: String, keys: Set<String>) async throws -> [PredictionOutcome] {
        var result: [PredictionOutcome] = []
        for part in chunks(Array(keys)) {
            result += try await outcomes.outcomes(endpoint: endpoint, businessKeys: part)
        }
        return result
    }

    private func chunks<Element>(_ all: [Element]) -> [[Element]] {
        stride(from: 0, to: all.count, by: Self.chunk).map { Array(all[$0..<min($0 + Self.chunk, all.count)]) }
    }

    /// A row of a prediction, or of a business key.
    private struct RowKey: Hashable {
        var id: String
        var row: Int
        init(_ id: String, _ row: Int) {
            self.id = id
            self.row = row
        }
    }
}
