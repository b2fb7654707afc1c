internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import Monitoring
internal import Serving
internal import Storage

extension Bootstrap {
    /// Monitoring over what the data plane serves.
    ///
    /// - Parameters:
    ///   - policy: the policy in force of a model; nil takes the monitors' defaults.
    ///   - listeners: told of alerts besides the webhooks.
    func makeMonitoring(
        registry: Database, observations: Database, predictionLog: PredictionLogStore, reader: RegistryReader,
        dataPlane: DataPlane,
        predictionIDs: any PredictionIDSealing, relay: ObservationRelay, clock: any WallClock,
        cipher: ColumnCipher,
        policy: @escaping @Sendable (String) async throws -> Policy?, listeners: [any AlertListener]
    ) -> MonitoringParts {
        let parts = MonitoringParts(
            registry: registry, observations: observations, predictionLog: predictionLog, reading: reader,
            artifacts: reader,
            endpoints: SnapshotEndpointSource(snapshot: { dataPlane.snapshot }, policy: policy),
            predictionIDs: predictionIDs, poster: HTTPWebhookPoster(client: .shared), listeners: listeners,
            clock: clock,
            logger: logger, environment: ProcessInfo.processInfo.environment,
            retentionDays: configuration.observationDays, cipher: cipher)
        relay.attach(parts.sink)
        return parts
    }

    /// The profiles of versions' training data, by which inputs are validated.
    func makeTrainingProfiles(
        registry: Database, reader: RegistryReader, clock: any WallClock
    ) -> @Sendable (ServableVersion, ModelTask) async throws -> Profile? {
        let profiles = TrainingProfiles(
            finder: ReferenceFinder(
                store: SQLReferenceProfileStore(database: registry),
                profiler: ReferenceProfiler(registry: reader, artifacts: reader, clock: clock), logger: logger))
        return { try await profiles.profile(of: $0, task: $1) }
    }
}
