internal import AsyncHTTPClient
internal import Domain
internal import Guests
internal import Lifecycle
internal import Storage

extension Bootstrap {
    /// What came from what, over the stores that hold it.
    func makeLineage(
        registry: Database, observations: Database, blobs: BlobStore, guests: ConfinedGuestRunner,
        reader: RegistryReader, governance: GovernanceParts,
        rollouts: RolloutStore, log: PredictionLogStore, predictionIDs: any PredictionIDSealing, clock: any WallClock
    ) -> LineageParts {
        let datasets = DatasetStore(database: registry, clock: clock)
        let endpoints = EndpointStore(database: registry)
        let loggedModels = LoggedModelStore(database: registry, clock: clock)
        return LineageParts(
            datasets: datasets,
            intake: DatasetIntake(
                datasets: datasets, blobs: blobs,
                parquet: ParquetReader(
                    runner: guests, python: configuration.python, isAllowed: configuration.guestsEnabled),
                bytesMax: Int64(configuration.artifactMebibytesMax) << 20),
            entries: VersionEntryService(
                registry: reader, policies: governance.policies, approvals: governance.approvalStore,
                rollouts: rollouts, endpoints: endpoints, datasets: datasets,
                loggedModel: { try await loggedModels.model($0) },
                previousVersion: { id in
                    try await reader.versionRecords(model: id.model, before: id.version, limit: 1).first?.id.version
                }),
            lineage: LineageService(
                reading: LineageReader(registry: registry, observations: observations), ids: predictionIDs,
                endpointName: { number in
                    try await endpoints.endpointList().endpoints.first { $0.id == number }?.name
                }, recorded: { try await log.record($0) }),
            openLineage: configuration.openLineageURL.map { url in
                OpenLineageService(
                    outbox: OpenLineageOutbox(database: registry, clock: clock),
                    reporter: OpenLineageReporter(
                        namespace: configuration.openLineageNamespace, registry: reader,
                        experiments: ExperimentStore(database: registry, clock: clock), datasets: datasets,
                        lineage: LineageReader(registry: registry, observations: observations), rollouts: rollouts,
                        retraining: RetrainingStore(database: registry, clock: clock), policies: governance.policies),
                    sender: HTTPOpenLineageSender(
                        client: .shared, url: url, apiKey: configuration.openLineageAPIKey),
                    clock: clock, logger: logger)
            })
    }
}
