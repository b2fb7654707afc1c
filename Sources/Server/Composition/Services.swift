internal import Domain
internal import Guests
internal import Lifecycle
internal import Logging
internal import Serving
internal import Storage

/// Everything that routes and services share: made once by `Bootstrap`, in the order of its list.
struct Services: Sendable {
    let configuration: ServerConfiguration
    let clock: any WallClock
    let logger: Logger
    /// registry.db: the truth.
    let registry: Database
    /// observations.db: windows and prediction log.
    let observations: Database
    let accounts: AccountStore
    let keys: KeyStore
    let authenticator: Authenticator
    let audit: AuditStore
    let auditSigner: AuditSigner
    let experiments: ExperimentStore
    let runs: RunStore
    let loggedModels: LoggedModelStore
    let registryStore: RegistryStore
    let artifactParts: ArtifactParts
    /// Signatures of versions.
    let signing: SigningParts
    let registryReader: RegistryReader
    let championGuard: any ChampionAliasGuard
    let versionListener: any VersionCreatedListener
    let preparations: PreparationStore
    /// Runs converters, trials and retraining commands.
    let guests: ConfinedGuestRunner
    /// Serves what is no ONNX.
    let python: PythonRuntime
    let preparer: VersionPreparer
    /// Makes smaller and faster versions of registered ones.
    let optimizer: VersionOptimizer
    let optimizedVersions: OptimizedVersionStore
    let predictionLog: PredictionLogStore
    /// Answers predictions; given a new snapshot with every change of an endpoint.
    let dataPlane: DataPlane
    let requestLimiter: RequestLimiter
    /// The data plane behind the checks that every snapshot passes: signatures, then files.
    let snapshotReceiver: any SnapshotReceiver
    /// Where parts that watch the traffic attach.
    let observationRelay: ObservationRelay
    /// Makes and reads prediction ids.
    let predictionIDs: any PredictionIDSealing
    /// Runtime and processor, or why there is no runtime.
    let runtimeDescription: String
    /// Windows, alerts, feedback and metrics.
    let monitoring: MonitoringParts
    /// Policies, readiness and approvals.
    let governance: GovernanceParts
    /// Endpoints, rollouts and what moves them.
    let rollouts: RolloutParts
    let retraining: RetrainingParts
    /// Who is told of the registry's changes.
    let webhooks: WebhookParts
    /// Trace and replay.
    let predictions: PredictionParts
    /// Data sets, entries of versions, and what came from what.
    let lineage: LineageParts
    /// Where it listens.
    let address: ServerAddress
    /// Whether the server is about to stop.
    let draining: Draining
    /// How much memory the bodies of requests may have, by HTTP and gRPC together.
    let bodyBudget: BodyBudget

    var artifacts: ArtifactStore { artifactParts.store }

    var inference: InferenceParts {
        InferenceParts(
            plane: dataPlane, repository: dataPlane, limiter: requestLimiter, draining: draining,
            bodyBudget: bodyBudget)
    }

    /// Whose requests are answered.
    var knowing: FrontDoor.Knowing { configuration.isDevelopment ? .everyone : .keys(authenticator) }
}
