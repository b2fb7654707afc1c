internal import Dashboard
internal import Domain
internal import Monitoring
internal import Storage

extension StoredDashboard {
    /// Rollouts of one endpoint on its page; all are on the rollouts' page.
    private static let endpointRolloutsMax = 10
    /// Alerts of one endpoint on its page.
    private static let endpointAlertsMax = 20

    func endpoints(after name: String?) async throws -> EndpointsPage {
        let all = try await endpoints.endpointList().endpoints.filter { $0.name > name ?? "" }
        let (shown, paging) = Self.page(all, of: Self.endpointsMax, isFirst: name == nil, key: \.name)
        let active = Dictionary(try await rollouts.activeRollouts().map { ($0.endpoint, $0) }) { $1 }
        let alerts = try await openAlerts.openAlertCounts()
        var statuses: [EndpointStatus] = []
        for endpoint in shown {
            statuses.append(
                EndpointStatus(
                    endpoint: endpoint, traffic: try await monitoring.liveTraffic(endpoint: endpoint.name),
                    rollout: active[endpoint.name], openAlerts: alerts[endpoint.name] ?? 0))
        }
        return EndpointsPage(endpoints: statuses, paging: paging)
    }

    func endpoint(_ name: String, hours: Int) async throws -> EndpointPage {
        let endpoint = try await endpoints.endpoint(name)
        let newest = try await rollouts.rollouts(endpoint: name, before: nil, limit: Self.endpointRolloutsMax)
        // One is under way at most, and it is the newest.
        let rollout = newest.first { !$0.state.isFinal }
        var events: [RolloutEvent] = []
        if let rollout { events = try await rollouts.events(rollout.id) }
        // An endpoint that was made just now is not served yet, and has nothing to watch.
        let seen = try await Self.found {
            try await monitoring.monitoring(
                endpoint: name, since: clock.now().adding(seconds: -3600 * Double(hours)))
        }
        let alerts = try await openAlerts.alerts(
            endpoint: name, state: nil, before: nil, limit: Self.endpointAlertsMax)
        let watched = endpoint.champion?.version ?? endpoint.variants.first?.version
        var page = EndpointPage(
            status: EndpointStatus(
                endpoint: endpoint, traffic: try await monitoring.liveTraffic(endpoint: name), rollout: rollout,
                openAlerts: try await openAlerts.openAlertCounts()[name] ?? 0),
            hours: hours, rolloutEvents: events, monitoredVersion: watched, drift: [], quality: [], alerts: alerts,
            rollouts: newest)
        guard let seen else { return page }
        page.performance = EndpointPage.performance(seen)
        guard let watched else { return page }
        page.drift = EndpointPage.drift(seen, version: watched)
        page.reference = EndpointPage.reference(seen, version: watched)
        page.quality = EndpointPage.quality(
            seen, version: watched, policy: try await policies.policyInForce(name)?.policy)
        return page
    }

    func rollouts(before id: Int64?) async throws -> RolloutsPage {
        let found = try await rollouts.rollouts(endpoint: nil, before: id, limit: Self.rowsMax + 1)
        let (shown, paging) = Self.page(found, of: Self.rowsMax, isFirst: id == nil, key: \.id)
        return RolloutsPage(rollouts: shown, paging: paging)
    }

    func rollout(_ id: Int64) async throws -> RolloutPage {
        RolloutPage(rollout: try await rollouts.rollout(id), events: try await rollouts.events(id))
    }
}
