public import Domain
import Statistics

/// Gathers what is known of an endpoint for routes and pages.
public struct MonitoringView: MonitoringReading {
    /// Windows, reports and alerts given at most.
    static let itemsMax = 500
    /// Points of the traffic chart at most, a version.
    static let trafficPointsMax = 120

    private let endpoints: any MonitoredEndpointSource
    private let references: any ReferenceProfileStore
    private let windows: any WindowStore
    private let alerts: any AlertStore
    private let clock: any WallClock

    public init(
        endpoints: any MonitoredEndpointSource, references: any ReferenceProfileStore, windows: any WindowStore,
        alerts: any AlertStore, clock: any WallClock
    ) {
        self.endpoints = endpoints
        self.references = references
        self.windows = windows
        self.alerts = alerts
        self.clock = clock
    }

    public func monitoring(endpoint: String, since: Timestamp) async throws -> EndpointMonitoring {
        guard let monitored = try await endpoints.monitoredEndpoints().first(where: { $0.endpoint.name == endpoint })
        else { throw MartletError.notFound("There is no endpoint named \(endpoint).") }
        let now = clock.now()
        let summaries = try await windows.summaries(
            endpoint: endpoint, version: nil, from: since, limit: Self.itemsMax)
        // The slot that is open now counts too.
        let partials = try await windows.partials(
            endpoint: endpoint, version: nil, from: since, to: now.adding(seconds: 1))
        let versions = Set(summaries.map(\.version)).union(partials.map(\.version))
            .union(monitored.endpoint.variants.map(\.version))
        var profiles: [ReferenceProfile] = []
        for version in versions.sorted() {
            let id = ModelVersionID(model: endpoint, version: version)
            if let profile = try await references.referenceProfile(id) { profiles.append(profile) }
        }
        return EndpointMonitoring(
            endpoint: endpoint, time: now, references: profiles, windows: summaries,
            traffic: Self.traffic(partials, since: since, now: now),
            quality: try await windows.qualityReports(endpoint: endpoint, from: since, limit: Self.itemsMax),
            alerts: try await alerts.alerts(endpoint: endpoint, state: nil, before: nil, limit: Self.itemsMax))
    }

    /// What each version behind an endpoint answered in the last minute; none for versions without traffic.
    public func liveTraffic(endpoint: String) async throws -> [LiveTraffic] {
        let now = clock.now()
        let since = now.adding(seconds: -Self.liveSeconds)
        let partials = try await windows.partials(
            endpoint: endpoint, version: nil, from: since, to: now.adding(seconds: 1))
        return Self.liveTraffic(partials, now: now)
    }

    /// The stretch of which live figures show the history, the one of their numbers, and one part of the history.
    private static let liveSeconds = 120.0
    private static let liveRateSeconds = 60.0
    private static let livePartSeconds = 5.0

    static func liveTraffic(_ partials: [PartialWindow], now: Timestamp) -> [LiveTraffic] {
        let begin = now.adding(seconds: -liveSeconds)
        return Dictionary(grouping: partials, by: \.version).sorted { $0.key < $1.key }.map { version, partials in
            let recent = PartialWindow.merged(
                partials.filter { now.seconds(since: $0.start) <= liveRateSeconds })
            let requests = recent?.requests ?? 0
            let first = partials.map(\.start).min() ?? now
            let seconds = min(liveRateSeconds, max(livePartSeconds, now.seconds(since: first)))
            var history = [Double](repeating: 0, count: Int(liveSeconds / livePartSeconds))
            for partial in partials {
                let part = Int(partial.start.seconds(since: begin) / livePartSeconds)
                if history.indices.contains(part) { history[part] += Double(partial.requests) / livePartSeconds }
            }
            return LiveTraffic(
                version: version, requestsPerSecond: Double(requests) / seconds,
                errorShare: requests == 0 ? nil : Double(recent?.errors ?? 0) / Double(requests),
                p99Milliseconds: recent.flatMap { $0.latencyHistogram.quantileNanoseconds(0.99) }.map { $0 / 1e6 },
                history: history)
        }
    }

    /// Partials gathered into equal stretches of at least a second.
    static func traffic(
        _ partials: [PartialWindow], since: Timestamp, now: Timestamp
    ) -> [EndpointMonitoring.TrafficPoint] {
        let begin = max(since, partials.first?.start ?? now)
        var seconds = max(1, (now.seconds(since: begin) / Double(trafficPointsMax)).rounded(.up))
        if now.seconds(since: begin) > ObservationRetention.Limits().compactAfterSeconds {
            // Partials of a whole minute cannot be told apart any finer.
            seconds = (seconds / 60).rounded(.up) * 60
        }
        let step = Int64(seconds * 1000)
        struct Key: Hashable {
            var start: Int64
            var version: Int
            var role: Variant.Role
        }
        let groups = Dictionary(grouping: partials) {
            Key(start: $0.start.milliseconds / step * step, version: $0.version, role: $0.role)
        }
        return groups.compactMap { key, partials in
            PartialWindow.merged(partials).map { content in
                let latency = content.latencyHistogram
                return EndpointMonitoring.TrafficPoint(
                    start: Timestamp(milliseconds: key.start), seconds: seconds, version: key.version, role: key.role,
                    requests: content.requests, errors: content.errors,
                    p50Milliseconds: latency.quantileNanoseconds(0.5).map { $0 / 1e6 },
                    p99Milliseconds: latency.quantileNanoseconds(0.99).map { $0 / 1e6 })
            }
        }.sorted { ($0.start, $0.version, $0.role.rawValue) < ($1.start, $1.version, $1.role.rawValue) }
    }
}
