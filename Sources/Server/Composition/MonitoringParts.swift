internal import Domain
internal import Logging
internal import Monitoring
internal import ServiceLifecycle
internal import Storage

/// All parts of monitoring, wired: what the routes read, and what the service group runs.
struct MonitoringParts: Sendable {
    /// Where the data plane's tap delivers.
    let sink: WindowAccumulator
    let pump: ObservationPump
    let evaluator: MonitorEvaluator
    let retention: ObservationRetention
    let notifier: WebhookNotifier
    /// What the rollout controller reads.
    let evidence: ObservedEvidence
    /// What routes and pages read.
    let view: MonitoringView
    let endpoints: any MonitoredEndpointSource
    let predictionIDs: any PredictionIDSealing
    let feedback: SQLFeedbackStore
    let predictionLog: PredictionLogStore
    let alerts: SQLAlertStore
    let windows: SQLWindowStore
    let outcomes: SQLOutcomeStore

    /// Set to 1 it switches all judging off: for tests that prove that an outcome depends on the detector.
    static let detectorOffVariable = "MARTLET_TEST_DISABLE_DETECTOR"

    /// Recorded predictions removed in one round of a minute, so that a removal is a short write.
    static let predictionsPrunedMax = 20_000

    /// - Parameters:
    ///   - listeners: told of alerts besides the webhooks (retraining).
    ///   - cipher: encrypts feedback.
    ///   - environment: the process's; read for the test hook only.
    init(
        registry: Database, observations: Database, predictionLog: PredictionLogStore, reading: any RegistryReading,
        artifacts: any ArtifactReading,
        endpoints: any MonitoredEndpointSource, predictionIDs: any PredictionIDSealing, poster: any WebhookPosting,
        listeners: [any AlertListener], clock: any WallClock, logger: Logger, environment: [String: String],
        retentionDays: Int = 30, cipher: ColumnCipher = .off
    ) {
        let isDetectorEnabled = environment[Self.detectorOffVariable] != "1"
        if !isDetectorEnabled {
            logger.warning(
                "\(Self.detectorOffVariable)=1: NO DRIFT, NO QUALITY AND NO ALERT WILL BE DETECTED. This is for tests only."
            )
        }
        self.endpoints = endpoints
        self.predictionIDs = predictionIDs
        self.predictionLog = predictionLog
        sink = WindowAccumulator()
        feedback = SQLFeedbackStore(database: registry, cipher: cipher)
        alerts = SQLAlertStore(database: registry)
        windows = SQLWindowStore(database: observations)
        let references = SQLReferenceProfileStore(database: registry)
        let outcomes = SQLOutcomeStore(database: observations) { try? predictionIDs.open($0).time }
        self.outcomes = outcomes
        let directory = ReferenceDirectory()
        let pump = ObservationPump(
            sink: sink, directory: directory, windows: windows, outcomes: outcomes, references: references,
            clock: clock,
            logger: logger)
        self.pump = pump
        notifier = WebhookNotifier(
            endpoints: endpoints, poster: poster, encode: { try AlertMessage.json($0) }, logger: logger)
        evaluator = MonitorEvaluator(
            endpoints: endpoints, directory: directory, references: references,
            profiler: ReferenceProfiler(registry: reading, artifacts: artifacts, clock: clock), pump: pump,
            windows: windows, alerts: alerts, feedback: feedback, outcomes: outcomes,
            listeners: [notifier] + listeners, clock: clock, logger: logger, isDetectorEnabled: isDetectorEnabled)
        var limits = ObservationRetention.Limits()
        limits.days = Double(retentionDays)
        limits.partialDays = min(limits.partialDays, limits.days)
        retention = ObservationRetention(
            endpoints: endpoints, windows: windows, outcomes: outcomes, alerts: alerts, clock: clock, logger: logger,
            limits: limits,
            prunePredictions: { try await predictionLog.prune(before: $0, rowsMax: Self.predictionsPrunedMax) })
        evidence = ObservedEvidence(
            windows: windows, feedback: feedback, outcomes: outcomes, endpoints: endpoints,
            flush: { try await pump.flush() })
        view = MonitoringView(
            endpoints: endpoints, references: references, windows: windows, alerts: alerts, clock: clock)
    }

    /// What judges what the pump stores, in the order of starting; stopping goes the other way round.
    var judging: [any Service] { [notifier, evaluator, retention] }
}
