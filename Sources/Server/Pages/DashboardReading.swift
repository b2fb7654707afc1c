internal import Dashboard
internal import Domain

/// Gathers what each page shows out of the stores. Of long lists a page at a time.
protocol DashboardReading: Sendable {
    /// - Parameter name: only models behind this name; nil begins at the first.
    func models(after name: String?) async throws -> ModelsPage
    /// - Parameter version: only versions before this one; nil begins at the newest.
    /// - Throws: `notFound` if there is no such model.
    func model(_ name: String, before version: Int?) async throws -> ModelPage
    /// - Throws: `notFound` if there is no such version.
    func version(_ id: ModelVersionID) async throws -> VersionPage
    /// The newest entries or those before an id, or with `at` how the model stood then; a moment that cannot be answered is an
    /// outcome of the page.
    /// - Throws: `notFound` if no model ever had that name.
    func history(
        _ model: String, matching query: RegistryHistoryQuery, at text: String, before id: Int64?
    ) async throws -> HistoryPage
    /// - Parameter name: only endpoints behind this name; nil begins at the first.
    func endpoints(after name: String?) async throws -> EndpointsPage
    /// - Parameter hours: how far back the charts go.
    /// - Throws: `notFound` if there is no such endpoint.
    func endpoint(_ name: String, hours: Int) async throws -> EndpointPage
    /// The newest, or those before an id.
    func rollouts(before id: Int64?) async throws -> RolloutsPage
    /// - Throws: `notFound` if there is no such rollout.
    func rollout(_ id: Int64) async throws -> RolloutPage
    /// The newest, or those before an id.
    func alerts(includingResolved: Bool, before id: Int64?) async throws -> AlertsPage
    /// The newest, or those before an id.
    func retraining(before id: Int64?) async throws -> RetrainingPage
    /// - Throws: `notFound` if there is no such run.
    func retrainingRun(_ id: Int64) async throws -> RetrainingRunPage
    /// The newest events, or those before a sequence number.
    func audit(before sequence: Int64?) async throws -> AuditPage
    /// - Parameter name: only data sets behind this name; nil begins at the first.
    func datasets(after name: String?) async throws -> DatasetsPage
    /// - Parameter number: only versions before this one; nil begins at the newest.
    /// - Throws: `notFound` if there is no such data set.
    func dataset(_ name: String, before number: Int?) async throws -> DatasetPage
    /// - Throws: `notFound` if there is no such version.
    func datasetVersion(_ name: String, _ number: Int) async throws -> DatasetVersionPage
    /// - Throws: `notFound` if there is no such version.
    func datasetDiff(_ name: String, from: Int, to: Int) async throws -> DatasetDiffPage
    /// A reference that names nothing is an outcome of the page, not an error.
    func lineage(of reference: String) async throws -> LineagePage
    /// An id that is unknown or forged is an outcome of the page, not an error.
    func prediction(_ id: String) async throws -> PredictionPage
}
