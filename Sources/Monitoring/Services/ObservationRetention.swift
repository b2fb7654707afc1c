public import Domain
public import Logging
public import ServiceLifecycle

/// Compacts and removes old observations, so that observations.db stays bounded.
public struct ObservationRetention: Service {
    /// Ages after which things go.
    public struct Limits: Sendable {
        /// One-second partials become one-minute partials after this.
        public var compactAfterSeconds = 600.0
        /// Partials serve evidence and traffic charts.
        public var partialDays = 7.0
        /// Closed windows, quality reports, outcomes, recorded predictions and the evidence of verdicts.
        public var days = 30.0
        public init() {}
    }

    /// How often.
    static let interval = Duration.seconds(60)
    /// A minute's partials become one a version.
    static let compactedMilliseconds: Int64 = 60_000

    private let endpoints: any MonitoredEndpointSource
    private let windows: any WindowStore
    private let outcomes: any OutcomeStore
    private let alerts: any AlertStore
    private let clock: any WallClock
    private let logger: Logger
    private let limits: Limits
    private let prunePredictions: @Sendable (Timestamp) async throws -> Int

    /// - Parameter prunePredictions: removes recorded predictions made before a moment, and says how many went.
    public init(
        endpoints: any MonitoredEndpointSource, windows: any WindowStore, outcomes: any OutcomeStore,
        alerts: any AlertStore, clock: any WallClock, logger: Logger, limits: Limits = Limits(),
        prunePredictions: @escaping @Sendable (Timestamp) async throws -> Int
    ) {
        self.prunePredictions = prunePredictions
        self.endpoints = endpoints
        self.windows = windows
        self.outcomes = outcomes
        self.alerts = alerts
        self.clock = clock
        self.logger = logger
        self.limits = limits
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await loop() }
    }

    private func loop() async {
        // After a restart the hour before it is looked at again; minutes that are compacted already stay as they are.
        var compacted = clock.now().adding(seconds: -limits.compactAfterSeconds - 3_600)
        repeat {
            do {
                compacted = try await compact(from: compacted)
                try await prune()
            } catch {
                logger.error("old observations could not be removed", metadata: ["error": "\(error)"])
            }
            // Sleeping throws only when the task is cancelled: then the loop is over.
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }

    /// Turns the minutes that are over into one partial a version and role.
    ///
    /// - Returns: up to where it came.
    func compact(from: Timestamp) async throws -> Timestamp {
        let step = Self.compactedMilliseconds
        let end = clock.now().adding(seconds: -limits.compactAfterSeconds).milliseconds / step * step
        var minute = from.milliseconds / step * step
        while minute < end {
            let range = (Timestamp(milliseconds: minute), Timestamp(milliseconds: minute + step))
            var merged: [PartialWindow] = []
            for endpoint in try await endpoints.monitoredEndpoints() {
                let partials = try await windows.partials(
                    endpoint: endpoint.endpoint.name, version: nil, from: range.0, to: range.1)
                merged += Self.compacted(partials)
            }
            if !merged.isEmpty { try await windows.compact(from: range.0, to: range.1, into: merged) }
            minute += step
        }
        return Timestamp(milliseconds: max(end, from.milliseconds))
    }

    /// One partial a version, role and reference.
    static func compacted(_ partials: [PartialWindow]) -> [PartialWindow] {
        struct Key: Hashable {
            var version: Int
            var role: Variant.Role
            var referenceBuiltAt: Timestamp?
        }
        return Dictionary(grouping: partials) {
            Key(version: $0.version, role: $0.role, referenceBuiltAt: $0.referenceBuiltAt)
        }.values.compactMap { PartialWindow.merged($0) }
    }

    private func prune() async throws {
        let now = clock.now()
        let old = now.adding(seconds: -limits.days * 86_400)
        let removed =
            try await windows.prune(
                partialsBefore: now.adding(seconds: -limits.partialDays * 86_400), summariesBefore: old)
            + outcomes.pruneOutcomes(before: old) + alerts.pruneVerdicts(before: old) + prunePredictions(old)
        if removed > 0 { logger.info("removed old observations", metadata: ["rows": "\(removed)"]) }
    }
}
