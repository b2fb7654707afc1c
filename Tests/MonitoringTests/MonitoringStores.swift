import Domain
import Logging
import Synchronization

@testable import Monitoring

/// Every store of monitoring, in memory.
final class MonitoringStores: WindowStore, OutcomeStore, AlertStore, ReferenceProfileStore, FeedbackStore {
    struct Content: Sendable {
        var partials: [PartialWindow] = []
        var summaries: [WindowSummary] = []
        var reports: [QualityReport] = []
        var outcomes: [PredictionOutcome] = []
        var alerts: [Alert] = []
        var verdicts: [MonitorVerdict] = []
        var references: [ModelVersionID: ReferenceProfile] = [:]
        var feedback: [Feedback] = []
        var isFailing = false
    }
    let content = Mutex(Content())

    var alerts: [Alert] { content.withLock { $0.alerts } }
    var summaries: [WindowSummary] { content.withLock { $0.summaries } }
    var verdicts: [MonitorVerdict] { content.withLock { $0.verdicts } }

    private func change<Result: Sendable>(_ body: (inout sending Content) -> Result) throws -> Result {
        try content.withLock { content in
            if content.isFailing { throw MartletError(.unavailable, "The disk is full.") }
            return body(&content)
        }
    }

    func append(_ partials: [PartialWindow]) async throws { try change { $0.partials += partials } }
    func partials(endpoint: String, version: Int?, from: Timestamp, to: Timestamp) async throws -> [PartialWindow] {
        try change { content in
            content.partials.filter {
                $0.endpoint == endpoint && (version == nil || $0.version == version) && $0.start >= from
                    && $0.start < to
            }.sorted { $0.start < $1.start }
        }
    }
    func compact(from: Timestamp, to: Timestamp, into merged: [PartialWindow]) async throws {
        try change { content in
            content.partials.removeAll { $0.start >= from && $0.start < to }
            content.partials += merged
        }
    }
    func save(_ summary: WindowSummary) async throws { try change { $0.summaries.append(summary) } }
    func summaries(endpoint: String, version: Int?, from: Timestamp, limit: Int) async throws -> [WindowSummary] {
        try change { content in
            Array(
                content.summaries.filter {
                    $0.endpoint == endpoint && (version == nil || $0.version == version) && $0.start >= from
                }.suffix(limit))
        }
    }
    func save(_ report: QualityReport) async throws { try change { $0.reports.append(report) } }
    func qualityReports(endpoint: String, from: Timestamp, limit: Int) async throws -> [QualityReport] {
        try change { Array($0.reports.suffix(limit)) }
    }
    func prune(partialsBefore: Timestamp, summariesBefore: Timestamp) async throws -> Int { 0 }

    /// A batch with this business key is refused as a whole, as a database refuses text that it cannot hold.
    static let poison = "poison"
    var outcomes: [PredictionOutcome] { content.withLock { $0.outcomes } }

    func append(_ outcomes: [PredictionOutcome]) async throws {
        if outcomes.contains(where: { $0.businessKey == Self.poison }) {
            throw MartletError.invalid("It cannot be held.")
        }
        try change { $0.outcomes += outcomes }
    }
    func outcomes(of ids: [PredictionID]) async throws -> [PredictionOutcome] {
        try change { content in content.outcomes.filter { ids.contains($0.predictionID) } }
    }
    func outcomes(endpoint: String, businessKeys: [String]) async throws -> [PredictionOutcome] {
        try change { content in content.outcomes.filter { businessKeys.contains($0.businessKey ?? "") } }
    }
    func pruneOutcomes(before: Timestamp) async throws -> Int { 0 }

    func alerts(endpoint: String?, state: Alert.State?, before: Int64?, limit: Int) async throws -> [Alert] { alerts }
    func openAlerts() async throws -> [Alert] { alerts.filter { $0.state != .resolved } }
    func record(verdicts: [MonitorVerdict], alerts: [Alert]) async throws -> [Alert] {
        try change { content in
            content.verdicts += verdicts
            return alerts.map { alert in
                var alert = alert
                if alert.id == 0 {
                    alert.id = Int64(content.alerts.count + 1)
                    content.alerts.append(alert)
                } else {
                    content.alerts[Int(alert.id) - 1] = alert
                }
                return alert
            }
        }
    }
    func brokenVerdicts(endpoint: String, from: Timestamp, limit: Int) async throws -> [MonitorVerdict] { verdicts }
    func pruneVerdicts(before: Timestamp) async throws -> Int { 0 }

    func referenceProfile(_ version: ModelVersionID) async throws -> ReferenceProfile? {
        try change { $0.references[version] }
    }
    func save(_ profile: ReferenceProfile) async throws { try change { $0.references[profile.version] = profile } }

    func record(_ feedback: [Feedback], by actor: Principal) async throws -> FeedbackReceipt {
        try change { $0.feedback += feedback }
        return FeedbackReceipt(accepted: feedback.count)
    }
    func feedback(of id: PredictionID) async throws -> [Feedback] { [] }
    func feedback(endpoint: String, businessKey: String) async throws -> [Feedback] { [] }
    func newestLabelled(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback] {
        try change { content in content.feedback.filter { $0.label != nil && $0.time >= since } }
    }
    func newestWithKPIs(endpoint: String, since: Timestamp, limit: Int) async throws -> [Feedback] {
        try change { content in content.feedback.filter { !$0.kpis.isEmpty && $0.time >= since } }
    }
}

/// A registry with one run that has, or has not, a reference.
struct OneRun: RegistryReading, ArtifactReading {
    var csv: [UInt8]?
    var tags: [String: String] = [:]

    func versionRecord(_ id: ModelVersionID) async throws -> VersionRecord {
        VersionRecord(
            id: id, createdAt: Timestamp(milliseconds: 0), createdBy: .init(rawValue: "a"), createdByName: "a",
            runID: "r",
            loggedModelID: nil, source: "", description: nil, tags: [:], aliases: [], files: [])
    }
    func version(model: String, alias: String) async throws -> Int? { nil }
    func versionRecords(model: String) async throws -> [VersionRecord] { [] }
    func runRecord(_ runID: String) async throws -> RunRecord {
        RunRecord(
            id: runID, experimentID: "0", name: "r", status: "FINISHED", createdBy: .init(rawValue: "a"),
            createdByName: "a", startedAt: Timestamp(milliseconds: 0), endedAt: nil, params: [:], tags: tags,
            metrics: [],
            datasets: [])
    }
    func modelNames() async throws -> [String] { [] }
    func read(_ path: String, of version: ModelVersionID, bytesMax: Int) async throws -> [UInt8] {
        throw MartletError.notFound("no file")
    }
    func read(_ path: String, ofRun runID: String, bytesMax: Int) async throws -> [UInt8] {
        guard let csv, path == "reference.csv" else { throw MartletError.notFound("no artifact \(path)") }
        return csv
    }
    func list(run runID: String) async throws -> [String] { [] }
    func localPath(_ path: String, of version: ModelVersionID) async throws -> String { "" }
}

/// The endpoints that a test says there are.
final class GivenEndpoints: MonitoredEndpointSource {
    let endpoints: Mutex<[MonitoredEndpoint]>
    init(_ endpoints: [MonitoredEndpoint]) { self.endpoints = Mutex(endpoints) }
    func monitoredEndpoints() async throws -> [MonitoredEndpoint] { endpoints.withLock { $0 } }
}

/// Remembers what it was told.
final class RecordingListener: AlertListener {
    private let told = Mutex<[Alert]>([])
    var alerts: [Alert] { told.withLock { $0 } }
    func alertChanged(_ alert: Alert) async { told.withLock { $0.append(alert) } }
}

/// Seeded deviates that are near enough to normal.
struct Gaussian {
    private var random: SplitMix64Source
    init(seed: UInt64) { random = SplitMix64Source(seed: seed) }

    mutating func next(mean: Double = 0, deviation: Double = 1) -> Double {
        var sum = 0.0
        // The sum of twelve uniform deviates has the variance 1 (Irwin and Hall): near enough to normal here.
        for _ in 0..<12 { sum += Double.random(in: 0..<1, using: &random) }
        return mean + (sum - 6) * deviation
    }

    mutating func uniform() -> Double { Double.random(in: 0..<1, using: &random) }
}

struct SplitMix64Source: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
