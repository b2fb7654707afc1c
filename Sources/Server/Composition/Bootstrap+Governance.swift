internal import Domain
internal import Lifecycle
internal import Serving
internal import Storage
internal import Wire

extension Bootstrap {
    /// Policies, readiness and approvals over what the data plane measures and the monitors see.
    func makeGovernance(
        registry: Database, policies: PolicyStore, reader: RegistryReader, preparations: any VersionPreparationStore,
        dataPlane: DataPlane, monitoring: MonitoringParts, predictionIDs: any PredictionIDSealing,
        publisher: SnapshotPublisher, clock: any WallClock
    ) -> GovernanceParts {
        let codec = InferenceCodec(
            decode: { bytes throws(MartletError) in try OpenInferenceRequest.decode(bytes, as: .record) },
            encode: { response throws(MartletError) in try OpenInferenceAnswer.encode(response, as: .record) })
        let readiness = ReadinessService(
            policies: policies, registry: reader, preparations: preparations, kept: ReadinessStore(database: registry),
            probe: DataPlaneProbe(plane: dataPlane, preparations: preparations, codec: codec),
            live: LiveFigureReader(
                evidence: monitoring.evidence, feedback: monitoring.feedback, ids: predictionIDs),
            clock: clock)
        let service = PolicyService(policies: policies, publisher: publisher, logger: logger)
        let store = ApprovalStore(database: registry, clock: clock)
        return GovernanceParts(
            policies: policies, policyService: service, readiness: readiness, approvalStore: store,
            approvals: ApprovalService(
                approvals: store, policies: policies, registry: reader, readiness: readiness, policyService: service,
                clock: clock))
    }
}
