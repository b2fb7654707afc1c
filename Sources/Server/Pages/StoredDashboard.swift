internal import Dashboard
internal import Domain
internal import Lifecycle
internal import Monitoring
internal import Storage

/// The pages out of the stores. Nothing is measured or changed by looking, and no page reads more than its limits.
struct StoredDashboard: DashboardReading {
    /// Rows of one page of a list. Each model, version and endpoint costs a few reads, a row of the others none.
    static let modelsMax = 50
    static let versionsMax = 20
    static let endpointsMax = 50
    static let rowsMax = 50
    /// Newest of a model or version that are shown.
    static let approvalsMax = 20
    static let policyVersionsMax = 20

    let registry: RegistryReader
    let changes: RegistryHistory
    let preparations: PreparationStore
    let policies: PolicyStore
    let readiness: any ReadinessKeeping
    let approvals: ApprovalStore
    let endpoints: EndpointStore
    let rollouts: RolloutStore
    let monitoring: MonitoringView
    let openAlerts: SQLAlertStore
    let auditChain: AuditStore
    let tracer: PredictionTracer
    let retrainingRuns: RetrainingStore
    let origins: LineageParts
    let clock: any WallClock

    init(services: Services) {
        registry = services.registryReader
        changes = RegistryHistory(database: services.registry)
        preparations = services.preparations
        policies = services.governance.policies
        readiness = ReadinessStore(database: services.registry)
        approvals = services.governance.approvalStore
        endpoints = EndpointStore(database: services.registry)
        rollouts = services.rollouts.store
        monitoring = services.monitoring.view
        openAlerts = services.monitoring.alerts
        auditChain = services.audit
        tracer = services.predictions.tracer
        retrainingRuns = services.retraining.store
        origins = services.lineage
        clock = services.clock
    }

    func alerts(includingResolved: Bool, before id: Int64?) async throws -> AlertsPage {
        let found =
            includingResolved
            ? try await openAlerts.alerts(endpoint: nil, state: nil, before: id, limit: Self.rowsMax + 1)
            : try await openAlerts.openAlerts(before: id, limit: Self.rowsMax + 1)
        let (alerts, paging) = Self.page(found, of: Self.rowsMax, isFirst: id == nil, key: \.id)
        return AlertsPage(alerts: alerts, showsResolved: includingResolved, paging: paging)
    }

    func retraining(before id: Int64?) async throws -> RetrainingPage {
        let found = try await retrainingRuns.runs(model: nil, before: id, limit: Self.rowsMax + 1)
        let (runs, paging) = Self.page(found, of: Self.rowsMax, isFirst: id == nil, key: \.id)
        return RetrainingPage(runs: runs, paging: paging)
    }

    func retrainingRun(_ id: Int64) async throws -> RetrainingRunPage {
        RetrainingRunPage(run: try await retrainingRuns.run(id))
    }

    func audit(before sequence: Int64?) async throws -> AuditPage {
        let found = try await auditChain.auditEvents(
            matching: AuditFilter(), before: sequence, limit: AuditPage.eventsMax + 1)
        return AuditPage(
            events: Array(found.prefix(AuditPage.eventsMax)), hasOlder: found.count > AuditPage.eventsMax,
            isNewest: sequence == nil)
    }

    func prediction(_ id: String) async throws -> PredictionPage {
        do {
            return PredictionPage(
                id: id, outcome: .found(try await tracer.trace(PredictionID(rawValue: id))))
        } catch let error as MartletError where [.invalidArgument, .notFound].contains(error.code) {
            return PredictionPage(id: id, outcome: .failed(error.message))
        }
    }

    /// Cuts what was read, one more than a page, to the page, and says where the next one begins.
    static func page<Item, Key>(
        _ found: [Item], of limit: Int, isFirst: Bool, key: (Item) -> Key
    ) -> ([Item], Paging<Key>) {
        let items = Array(found.prefix(limit))
        return (items, Paging(isFirst: isFirst, next: found.count > limit ? items.last.map(key) : nil))
    }

    /// nil where there is no such thing; other failures are the caller's.
    static func found<Value>(_ read: () async throws -> Value) async throws -> Value? {
        do {
            return try await read()
        } catch let error as MartletError where error.code == .notFound {
            return nil
        }
    }
}
