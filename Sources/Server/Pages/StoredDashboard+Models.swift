internal import Dashboard
internal import Domain
internal import Lifecycle
internal import Storage

extension StoredDashboard {
    func models(after name: String?) async throws -> ModelsPage {
        let found = try await registry.modelSummaries(after: name, limit: Self.modelsMax + 1)
        let (models, paging) = Self.page(found, of: Self.modelsMax, isFirst: name == nil, key: \.name)
        let known = try await context()
        var rows: [ModelsPage.Row] = []
        for model in models { rows.append(try await row(model, known)) }
        return ModelsPage(
            rows: rows, total: try await registry.modelCount(),
            attention: ModelsPage.Attention(
                openAlerts: known.alerts.values.reduce(0, +),
                pendingApprovals: known.pendingApprovals.values.reduce(0, +), rollouts: known.rollouts.count),
            paging: paging)
    }

    /// What is read once for all rows, by model.
    private struct Context {
        var endpoints: [String: Endpoint]
        var rollouts: [String: Rollout]
        var alerts: [String: Int]
        var pendingApprovals: [String: Int]
    }

    private func context() async throws -> Context {
        let waiting = try await approvals.approvals(
            model: nil, state: .pending, before: nil, limit: Self.pendingApprovalsMax)
        return Context(
            endpoints: Dictionary(try await endpoints.endpointList().endpoints.map { ($0.name, $0) }) { $1 },
            rollouts: Dictionary(try await rollouts.activeRollouts().map { ($0.endpoint, $0) }) { $1 },
            alerts: try await openAlerts.openAlertCounts(),
            pendingApprovals: Dictionary(grouping: waiting, by: \.subject.model).mapValues(\.count))
    }

    /// Waiting approvals that are counted.
    private static let pendingApprovalsMax = 1_000

    private func row(_ model: ModelSummary, _ known: Context) async throws -> ModelsPage.Row {
        let policy = try await policies.policyInForce(model.name)
        let endpoint = known.endpoints[model.name]
        return ModelsPage.Row(
            name: model.name, purpose: policy?.policy.purpose ?? model.description,
            champion: endpoint?.champion?.version, newestVersion: model.newestVersion, versions: model.versions,
            readiness: try await readiness(
                of: model.newestVersion.map { ModelVersionID(model: model.name, version: $0) }, under: policy),
            openAlerts: known.alerts[model.name] ?? 0, pendingApprovals: known.pendingApprovals[model.name] ?? 0,
            endpoint: endpoint, rollout: known.rollouts[model.name])
    }

    /// What the last report says, if it was made under the policy that is in force.
    private func readiness(
        of version: ModelVersionID?, under policy: PolicyVersion?
    ) async throws -> ModelsPage.Row.Readiness {
        guard let policy else { return .noPolicy }
        guard let version, let report = try await readiness.lastReport(of: version),
            report.policyVersion == policy.version
        else { return .unknown }
        return report.isReady
            ? .ready(criteria: report.rows.count)
            : .notReady(met: report.rows.count { $0.status == .met }, criteria: report.rows.count)
    }

    func model(_ name: String, before version: Int?) async throws -> ModelPage {
        let model = try await registry.modelSummary(name)
        let found = try await registry.versionRecords(model: name, before: version, limit: Self.versionsMax + 1)
        let (records, paging) = Self.page(found, of: Self.versionsMax, isFirst: version == nil, key: \.id.version)
        let policy = try await policies.policyInForce(name)
        var states: [Int: VersionPreparation.State] = [:]
        if let newest = records.first, let oldest = records.last {
            states = try await preparations.states(
                model: name, versions: oldest.id.version...newest.id.version)
        }
        var versions: [ModelPage.Version] = []
        for record in records {
            versions.append(
                ModelPage.Version(
                    record: record, preparation: states[record.id.version],
                    readiness: try await readiness(of: record.id, under: policy)))
        }
        return ModelPage(
            name: name, description: model.description, versions: versions, policy: policy,
            policyHistory: try await policies.newestVersions(name, limit: Self.policyVersionsMax),
            approvals: try await approvals.approvals(
                model: name, state: nil, before: nil, limit: Self.approvalsMax),
            endpoint: try await Self.found { try await endpoints.endpoint(name) }, paging: paging)
    }

    func version(_ id: ModelVersionID) async throws -> VersionPage {
        guard let record = try await Self.found({ try await registry.versionRecord(id) }) else {
            throw MartletError.notFound("There is no version \(id.version) of a model named \(id.model).")
        }
        var run: RunRecord?
        if let runID = record.runID { run = try await Self.found { try await registry.runRecord(runID) } }
        let policy = try await policies.policyInForce(id.model)
        var page = VersionPage(
            record: record, run: run, preparation: try await preparations.preparation(id),
            readiness: try await report(id, under: policy),
            approvals: Array(try await approvals.approvals(of: id).prefix(Self.approvalsMax)),
            policyVersion: policy?.version)
        page.entry = try await origins.entries.entry(id)
        page.lineage = try await origins.lineage.graph(of: .model(id), .both)
        return page
    }

    private func report(_ id: ModelVersionID, under policy: PolicyVersion?) async throws -> VersionPage.Readiness {
        if let report = try await readiness.lastReport(of: id) { return .report(report) }
        guard let policy else {
            return .none("No policy governs this model, so there is nothing that a version must fulfil.")
        }
        return .none("It was not held against the policy (version \(policy.version)) yet.")
    }
}
