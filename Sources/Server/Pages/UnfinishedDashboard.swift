internal import Dashboard
internal import Domain

/// Stands in until the stores are part of `Services`: every page says that it is not there, none pretends to be empty.
struct UnfinishedDashboard: DashboardReading {
    private func unfinished<P>(_ what: String) throws -> P {
        throw MartletError(.unimplemented, "This build of the server does not keep \(what) yet.")
    }

    func models() async throws -> ModelsPage { try unfinished("models") }
    func model(_ name: String) async throws -> ModelPage { try unfinished("models") }
    func version(_ id: ModelVersionID) async throws -> VersionPage { try unfinished("models") }
    func endpoints() async throws -> EndpointsPage { try unfinished("endpoints") }
    func endpoint(_ name: String) async throws -> EndpointPage { try unfinished("endpoints") }
    func rollouts() async throws -> RolloutsPage { try unfinished("rollouts") }
    func rollout(_ id: Int64) async throws -> RolloutPage { try unfinished("rollouts") }
    func alerts(includingResolved: Bool) async throws -> AlertsPage { try unfinished("alerts") }
    func retraining() async throws -> RetrainingPage { try unfinished("retraining runs") }
    func retrainingRun(_ id: Int64) async throws -> RetrainingRunPage { try unfinished("retraining runs") }
    func audit(before sequence: Int64?) async throws -> AuditPage { try unfinished("an audit chain to page through") }
    func prediction(_ id: String) async throws -> PredictionPage { try unfinished("predictions") }
}
