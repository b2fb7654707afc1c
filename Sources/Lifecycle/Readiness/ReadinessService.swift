public import Domain

/// Gathers what is known of a version, measures what only Martlet can, and holds it against the policy in force.
public actor ReadinessService {
    /// When to measure latency and throughput.
    public enum Measuring: String, Sendable, CaseIterable {
        /// Take the newest measurement; without one the figures are unknown.
        case never
        /// Measure where there is no measurement on this runtime and processor.
        case missing
        /// Measure now, whatever there is.
        case always
    }

    /// How long the data plane is driven.
    static let measuredSeconds = 2.0
    /// Callers who wait for a measurement at most: each one takes the data plane for two seconds.
    static let waitingMax = 8

    private let policies: any PolicyKeeping
    private let registry: any RegistryReading
    private let preparations: any VersionPreparationStore
    private let kept: any ReadinessKeeping
    private let probe: any PerformanceProbe
    private let live: LiveFigureReader
    private let clock: any WallClock
    /// The measurement that the next one waits for: two at a time would measure each other.
    private var last: Task<KeptMeasurement, any Error>?
    private var waiting = 0

    public init(
        policies: any PolicyKeeping, registry: any RegistryReading, preparations: any VersionPreparationStore,
        kept: any ReadinessKeeping, probe: any PerformanceProbe, live: LiveFigureReader, clock: any WallClock
    ) {
        self.policies = policies
        self.registry = registry
        self.preparations = preparations
        self.kept = kept
        self.probe = probe
        self.live = live
        self.clock = clock
    }

    /// The version's readiness now. It is kept as the last one.
    ///
    /// - Throws: `notFound` if there is no such version; `failedPrecondition` without a policy in force;
    ///   `resourceExhausted` where too many wait to measure.
    public func report(_ id: ModelVersionID, measuring: Measuring = .missing) async throws -> ReadinessReport {
        let record = try await registry.versionRecord(id)
        guard let policy = try await policies.policyInForce(id.model) else {
            throw MartletError.precondition(
                "The model \(id.model) has no policy in force, so there is nothing to be ready for. Write one and run `martlet policy apply FILE`."
            )
        }
        let facts = try await facts(record, policy.policy, measuring)
        let report = ReadinessEvaluator(policy: policy, facts: facts).report(at: clock.now())
        try await kept.save(report)
        return report
    }

    /// The last readiness that was made of the version; nil where none was. Never measures.
    public func lastReport(_ id: ModelVersionID) async throws -> ReadinessReport? {
        try await kept.lastReport(of: id)
    }

    // MARK: gathering

    private func facts(_ record: VersionRecord, _ policy: Policy, _ measuring: Measuring) async throws -> ReadinessFacts
    {
        let preparation = try await preparations.preparation(record.id)
        let criteria = policy.criteria
        let needsMeasurement = criteria.latency != nil || criteria.throughputAtLeast != nil || criteria.cost != nil
        let needsLive = criteria.availability != nil || !criteria.kpis.isEmpty
        return ReadinessFacts(
            candidate: try await logged(record), champion: try await champion(record.id, policy),
            preparation: preparation, golden: try await golden(record.id, preparation),
            measurement: needsMeasurement
                ? try await measurement(record.id, preparation, measuring) : .missing("The policy asks for none."),
            live: needsLive ? try await live.figures(of: record) : nil,
            policies: try await policies.policyVersions(record.id.model))
    }

    private func logged(_ record: VersionRecord) async throws -> ReadinessFacts.Logged {
        guard let runID = record.runID else { return .init(record: record, run: nil) }
        do {
            return .init(record: record, run: try await registry.runRecord(runID))
        } catch let error as MartletError where error.code == .notFound {
            return .init(record: record, run: nil)
        }
    }

    private func champion(_ id: ModelVersionID, _ policy: Policy) async throws -> ReadinessFacts.Logged? {
        guard let version = try await registry.version(model: id.model, alias: policy.championAlias),
            version != id.version
        else { return nil }
        return try await logged(
            try await registry.versionRecord(ModelVersionID(model: id.model, version: version)))
    }

    private func golden(
        _ id: ModelVersionID, _ preparation: VersionPreparation?
    ) async throws -> ReadinessFacts.Found<GoldenOutcome> {
        guard preparation?.state == .servable else { return .missing("The version is not servable.") }
        return try await unlessUnservable { try await probe.reproduceGolden(id) }
    }

    /// What the data plane cannot do is unknown, not an error: the table says why.
    private func unlessUnservable<Value>(
        _ ask: () async throws -> Value
    ) async throws -> ReadinessFacts.Found<Value> {
        do {
            return .value(try await ask())
        } catch let error as MartletError {
            guard [.failedPrecondition, .unavailable, .unimplemented].contains(error.code) else { throw error }
            return .missing(error.message)
        }
    }

    // MARK: measuring

    private func measurement(
        _ id: ModelVersionID, _ preparation: VersionPreparation?, _ measuring: Measuring
    ) async throws -> ReadinessFacts.Found<KeptMeasurement> {
        guard preparation?.state == .servable else { return .missing("The version is not servable.") }
        let newest = try await kept.newestMeasurement(of: id)
        switch measuring {
        case .never: return newest.map { .value($0) } ?? .missing("Not measured yet.")
        case .missing:
            if let newest { return .value(newest) }
        case .always: break
        }
        return try await unlessUnservable { try await measure(id) }
    }

    private func measure(_ id: ModelVersionID) async throws -> KeptMeasurement {
        guard waiting < Self.waitingMax else {
            throw MartletError(.resourceExhausted, "\(waiting) others wait for a measurement. Try again in a minute.")
        }
        waiting += 1
        defer { waiting -= 1 }
        let before = last
        let task = Task { [probe, kept] in
            // The one before has told its own caller what went wrong.
            _ = await before?.result
            let measurement = try await probe.measure(id, seconds: Self.measuredSeconds)
            let number = try await kept.save(measurement, of: id)
            return KeptMeasurement(id: number, measurement: measurement)
        }
        last = task
        return try await task.value
    }
}
