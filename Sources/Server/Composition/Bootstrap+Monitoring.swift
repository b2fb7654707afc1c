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
}
