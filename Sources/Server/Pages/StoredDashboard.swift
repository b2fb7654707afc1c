internal import Dashboard
internal import Domain
internal import Lifecycle
internal import Monitoring
internal import Storage

/// The pages out of the stores. Nothing is measured or changed by looking; everything read has a bound.
struct StoredDashboard: DashboardReading {
    /// Rows of a table; the command line and the API page through the rest.
    static let rowsMax = 200
    /// How far back the list of endpoints looks.
    static let listSeconds = 900.0
    /// How far back an endpoint's charts go.
    static let chartSeconds = 6 * 3600.0

    let services: Services

    // MARK: models

    func models() async throws -> ModelsPage {
        let endpoints = try await endpointsByName()
        let open = Dictionary(grouping: try await services.monitoring.alerts.openAlerts(), by: \.endpoint)
        let pending = Dictionary(
            grouping: try await approvals(model: nil, state: .pending), by: \.subject.model)
        var rows: [ModelsPage.Row] = []
        for name in try await services.registryReader.modelNames().prefix(Self.rowsMax) {
            let policy = try await services.governance.policies.policyInForce(name)
            let versions = try await services.registryReader.versionRecords(model: name)
            let endpoint = endpoints[name]
            rows.append(
                ModelsPage.Row(
                    name: name, purpose: policy?.policy.purpose, champion: endpoint?.champion?.version,
                    newestVersion: versions.first?.id.version, versions: versions.count,
                    readiness: try await readiness(versions.first?.id, policy),
                    openAlerts: open[name]?.count ?? 0, pendingApprovals: pending[name]?.count ?? 0,
                    endpoint: endpoint, rollout: try await rollout(of: endpoint)))
        }
        return ModelsPage(rows: rows)
    }

    func model(_ name: String) async throws -> ModelPage {
        guard try await services.registryReader.modelNames().contains(name) else {
            throw MartletError.notFound("There is no registered model \(name).")
        }
        let policies = try await services.governance.policies.policyVersions(name)
        let policy = policies.first { $0.state == .inForce }
        var versions: [ModelPage.Version] = []
        for record in try await services.registryReader.versionRecords(model: name).prefix(Self.rowsMax) {
            versions.append(
                ModelPage.Version(
                    record: record, preparation: try await services.preparations.preparation(record.id)?.state,
                    readiness: try await readiness(record.id, policy)))
        }
        return ModelPage(
            name: name, versions: versions, policy: policy,
            pendingPolicies: policies.filter { $0.state == .pendingApproval },
            approvals: try await approvals(model: name, state: nil), endpoint: try await endpointsByName()[name])
    }

    func version(_ id: ModelVersionID) async throws -> VersionPage {
        let record = try await services.registryReader.versionRecord(id)
        return VersionPage(
            record: record, run: try await run(record.runID),
            preparation: try await services.preparations.preparation(id), readiness: try await report(id),
            approvals: try await services.governance.approvalStore.approvals(of: id))
    }

    /// The last report; looking at a page never measures.
    private func report(_ id: ModelVersionID) async throws -> VersionPage.Readiness {
        guard let policy = try await services.governance.policies.policyInForce(id.model) else {
            return .none("No policy is in force for \(id.model), so nothing says when a version is good enough.")
        }
        guard let report = try await services.governance.readiness.lastReport(id) else {
            return .none("The version was not held against its policy yet.")
        }
        guard report.policyVersion == policy.version else {
            return .none(
                "The last readiness was judged by policy version \(report.policyVersion); version \(policy.version) is in force."
            )
        }
        return .report(report)
    }

    private func readiness(_ id: ModelVersionID?, _ policy: PolicyVersion?) async throws -> ModelsPage.Row.Readiness {
        guard let policy else { return .noPolicy }
        guard let id, let report = try await services.governance.readiness.lastReport(id),
            report.policyVersion == policy.version
        else { return .unknown }
        let met = report.rows.filter { $0.status == .met }.count
        return report.isReady ? .ready(criteria: met) : .notReady(met: met, criteria: report.rows.count)
    }

    private func run(_ id: String?) async throws -> RunRecord? {
        guard let id else { return nil }
        do {
            return try await services.registryReader.runRecord(id)
        } catch let error as MartletError {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    // MARK: endpoints and rollouts

    func endpoints() async throws -> EndpointsPage {
        let open = Dictionary(grouping: try await services.monitoring.alerts.openAlerts(), by: \.endpoint)
        var statuses: [EndpointStatus] = []
        for endpoint in try await services.rollouts.publisher.endpointList().endpoints.prefix(Self.rowsMax) {
            let seen = try await monitoring(endpoint.name, seconds: Self.listSeconds)
            statuses.append(
                EndpointStatus(
                    endpoint: endpoint, traffic: seen.map(EndpointStatus.traffic) ?? [],
                    rollout: try await rollout(of: endpoint), openAlerts: open[endpoint.name]?.count ?? 0))
        }
        return EndpointsPage(endpoints: statuses)
    }

    func endpoint(_ name: String) async throws -> EndpointPage {
        guard let endpoint = try await endpointsByName()[name] else {
            throw MartletError.notFound("There is no endpoint \(name).")
        }
        let seen = try await monitoring(name, seconds: Self.chartSeconds)
        let recent = try await monitoring(name, seconds: Self.listSeconds)
        let version = endpoint.champion?.version ?? endpoint.variants.first?.version
        let policy = try await services.governance.policies.policyInForce(name)?.policy
        let alerts = try await services.monitoring.alerts.alerts(
            endpoint: name, state: nil, before: nil, limit: Self.rowsMax)
        return EndpointPage(
            status: EndpointStatus(
                endpoint: endpoint, traffic: recent.map(EndpointStatus.traffic) ?? [],
                rollout: try await rollout(of: endpoint),
                openAlerts: alerts.filter { $0.state != .resolved }.count),
            rolloutEvents: try await events(endpoint.rolloutID), monitoredVersion: version,
            drift: seen.flatMap { seen in version.map { EndpointPage.drift(seen, version: $0) } } ?? [],
            quality: seen.flatMap { seen in
                version.map { EndpointPage.quality(seen, version: $0, policy: policy) }
            } ?? [],
            alerts: alerts,
            rollouts: try await services.rollouts.store.rollouts(endpoint: name, before: nil, limit: Self.rowsMax))
    }

    /// nil while the data plane does not know the endpoint yet.
    private func monitoring(_ name: String, seconds: Double) async throws -> EndpointMonitoring? {
        do {
            return try await services.monitoring.view.monitoring(
                endpoint: name, since: services.clock.now().adding(seconds: -seconds))
        } catch let error as MartletError {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    func rollouts() async throws -> RolloutsPage {
        RolloutsPage(
            rollouts: try await services.rollouts.store.rollouts(endpoint: nil, before: nil, limit: Self.rowsMax))
    }

    func rollout(_ id: Int64) async throws -> RolloutPage {
        RolloutPage(rollout: try await services.rollouts.store.rollout(id), events: try await events(id))
    }

    private func endpointsByName() async throws -> [String: Endpoint] {
        let list = try await services.rollouts.publisher.endpointList().endpoints
        return Dictionary(list.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private func rollout(of endpoint: Endpoint?) async throws -> Rollout? {
        guard let id = endpoint?.rolloutID else { return nil }
        let rollout = try await services.rollouts.store.rollout(id)
        return rollout.state.isFinal ? nil : rollout
    }

    private func events(_ id: Int64?) async throws -> [RolloutEvent] {
        guard let id else { return [] }
        return try await services.rollouts.store.events(id)
    }

    private func approvals(model: String?, state: Approval.State?) async throws -> [Approval] {
        try await services.governance.approvalStore.approvals(
            model: model, state: state, before: nil, limit: Self.rowsMax)
    }
}
