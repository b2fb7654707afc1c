internal import Dashboard
internal import Domain

/// Gathers what each page shows out of the stores.
protocol DashboardReading: Sendable {
    func models() async throws -> ModelsPage
    /// - Throws: `notFound` if there is no such model.
    func model(_ name: String) async throws -> ModelPage
    /// - Throws: `notFound` if there is no such version.
    func version(_ id: ModelVersionID) async throws -> VersionPage
    func endpoints() async throws -> EndpointsPage
    /// - Throws: `notFound` if there is no such endpoint.
    func endpoint(_ name: String) async throws -> EndpointPage
    func rollouts() async throws -> RolloutsPage
    /// - Throws: `notFound` if there is no such rollout.
    func rollout(_ id: Int64) async throws -> RolloutPage
    func alerts(includingResolved: Bool) async throws -> AlertsPage
    func retraining() async throws -> RetrainingPage
    /// - Throws: `notFound` if there is no such run.
    func retrainingRun(_ id: Int64) async throws -> RetrainingRunPage
    /// The newest events, or those before a sequence number.
    func audit(before sequence: Int64?) async throws -> AuditPage
    /// An id that is unknown or forged is an outcome of the page, not an error.
    func prediction(_ id: String) async throws -> PredictionPage
}
