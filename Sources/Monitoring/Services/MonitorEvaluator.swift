public import Domain
public import Logging
public import ServiceLifecycle

/// Closes windows, judges them by the policy's monitors, keeps the verdicts and drives the alerts.
public actor MonitorEvaluator: Service {
    /// How often windows are looked for. The shortest window is one second.
    static let interval = Duration.seconds(1)
    /// Partials are looked back for at most this far after a downtime.
    static let resumeSecondsMax = 86_400.0

    private struct Key: Hashable {
        var endpoint: String
        var version: Int
    }

    private let endpoints: any MonitoredEndpointSource
    private let keeper: ReferenceKeeper
    private let pump: ObservationPump
    private let windows: any WindowStore
    private let alerts: any AlertStore
    private let quality: QualityReporter
    private let listeners: [any AlertListener]
    private let clock: any WallClock
    private let logger: Logger
    /// False only by the test hook: then windows are closed and stored, but nothing is judged.
    private let isDetectorEnabled: Bool

    private var schedules: [Key: WindowSchedule] = [:]
    private var qualityDue: [String: Timestamp] = [:]
    private var lastReports: [Key: QualityReport] = [:]
    private var board: AlertBoard?
    private var newestVerdicts: [Key: [MonitorVerdict]] = [:]

    /// - Parameters:
    ///   - listeners: told of every alert that fires or is resolved after having fired.
    ///   - isDetectorEnabled: false switches all judging off; for tests that prove that something depends on it.
    public init(
        endpoints: any MonitoredEndpointSource, directory: ReferenceDirectory, references: any ReferenceProfileStore,
        profiler: ReferenceProfiler, pump: ObservationPump, windows: any WindowStore, alerts: any AlertStore,
        feedback: any FeedbackStore, outcomes: any OutcomeStore, listeners: [any AlertListener],
        clock: any WallClock, logger: Logger, isDetectorEnabled: Bool = true
    ) {
        self.endpoints = endpoints
        keeper = ReferenceKeeper(
            directory: directory,
            finder: ReferenceFinder(store: references, profiler: profiler, logger: logger), logger: logger)
        self.pump = pump
        self.windows = windows
        self.alerts = alerts
        quality = QualityReporter(join: LabelJoin(feedback: feedback, outcomes: outcomes))
        self.listeners = listeners
        self.clock = clock
        self.logger = logger
        self.isDetectorEnabled = isDetectorEnabled
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
    }

    /// The verdicts of each version's newest window and labels, for `/metrics`.
    public var newest: [MonitorVerdict] { newestVerdicts.values.flatMap { $0 } }

    /// The newest quality report of each version with labels.
    public var newestQuality: [QualityReport] { Array(lastReports.values) }

    /// Pending and firing alerts.
    public var openAlerts: [Alert] { board?.open ?? [] }

    /// One round: everything that is due by the clock.
    public func evaluate() async throws {
        let monitored = try await endpoints.monitoredEndpoints()
        await keeper.update(monitored)
        await pump.setRecording(
            Dictionary(
                monitored.map { ($0.endpoint.name, $0.endpoint.record.mode != .none) }, uniquingKeysWith: { a, _ in a })
        )
        if board == nil { board = AlertBoard(open: try await alerts.openAlerts()) }
        var failure: (any Error)?
        for endpoint in monitored {
            // What fails for one endpoint keeps no other from being judged.
            do {
                try await endStaleAlerts(endpoint)
                try await evaluateWindows(endpoint)
                try await evaluateQuality(endpoint)
            } catch {
                failure = error
            }
        }
        let live = Set(
            monitored.flatMap { entry in
                entry.endpoint.variants.map { Key(endpoint: entry.endpoint.name, version: $0.version) }
            })
        schedules = schedules.filter { live.contains($0.key) }
        newestVerdicts = newestVerdicts.filter { live.contains($0.key) }
        lastReports = lastReports.filter { live.contains($0.key) }
        if let failure { throw failure }
    }

    private func loop() async {
        // Sleeping throws only when the task is cancelled: then the loop is over.
        repeat { await evaluateOrLog() } while (try? await Task.sleep(for: Self.interval)) != nil
    }

    private func evaluateOrLog() async {
        do {
            try await evaluate()
        } catch {
            logger.error("monitoring failed; trying again", metadata: ["error": "\(error)"])
        }
    }

    // MARK: windows

    private func evaluateWindows(_ monitored: MonitoredEndpoint) async throws {
        let monitors = monitored.policy?.monitors ?? Monitors()
        for variant in monitored.endpoint.variants {
            let key = Key(endpoint: monitored.endpoint.name, version: variant.version)
            var schedule = try await schedule(key, windowSeconds: monitors.windowSeconds)
            guard let due = schedule.due(clock.now()) else { continue }
            let partials = try await windows.partials(
                endpoint: key.endpoint, version: key.version, from: schedule.start, to: due)
            for closed in schedule.close(partials, upTo: due, rowsAtLeast: monitors.rowsAtLeast) {
                try await judge(closed, variant: variant, monitored: monitored, monitors: monitors)
            }
            // Only now: what failed above is tried again from the same start.
            schedules[key] = schedule
        }
    }

    private func schedule(_ key: Key, windowSeconds: Double) async throws -> WindowSchedule {
        if let known = schedules[key], known.windowSeconds == windowSeconds { return known }
        let now = clock.now()
        let resumable = now.adding(seconds: -Self.resumeSecondsMax)
        if let last = try await windows.summaries(
            endpoint: key.endpoint, version: key.version, from: resumable, limit: 1
        ).last {
            let schedule = WindowSchedule(windowSeconds: windowSeconds, resumingAt: last.end)
            schedules[key] = schedule
            return schedule
        }
        let schedule = WindowSchedule(windowSeconds: windowSeconds, now: now)
        schedules[key] = schedule
        return schedule
    }

    private func judge(
        _ window: (start: Timestamp, end: Timestamp, content: PartialWindow), variant: Variant,
        monitored: MonitoredEndpoint, monitors: Monitors
    ) async throws {
        let name = monitored.endpoint.name
        var summary = WindowSummary(window.content, start: window.start, end: window.end, role: variant.role)
        let id = ModelVersionID(model: name, version: variant.version)
        if let reference = keeper.directory.reference(id), reference.builtAt == window.content.referenceBuiltAt {
            let profile = Profile(window.content, reference: reference.profile)
            summary.profile = profile
            if isDetectorEnabled {
                let judge = WindowJudge(
                    endpoint: name, version: variant.version, monitors: monitors, reference: reference)
                summary.verdicts = judge.verdicts(profile, start: window.start, end: window.end)
            }
        }
        try await windows.save(summary)
        replaceNewest(summary.verdicts, key: Key(endpoint: name, version: variant.version)) { $0.kind != .quality }
        try await settle(summary.verdicts, isChampion: variant.role == .champion, monitors: monitors)
    }

    // MARK: quality

    private func evaluateQuality(_ monitored: MonitoredEndpoint) async throws {
        let name = monitored.endpoint.name
        let monitors = monitored.policy?.monitors ?? Monitors()
        let now = clock.now()
        guard qualityDue[name].map({ $0 <= now }) ?? true else { return }
        let rows = try await quality.rows(
            endpoint: name, since: now.adding(seconds: -QualityReporter.daysMax * 86_400))
        for report in try await quality.reports(endpoint: name, rows: rows, policy: monitored.policy, now: now) {
            let key = Key(endpoint: name, version: report.version)
            var unchanged = lastReports[key]
            unchanged?.time = report.time
            guard unchanged != report else { continue }
            try await windows.save(report)
            lastReports[key] = report
            guard isDetectorEnabled else { continue }
            let verdicts = quality.verdicts(
                endpoint: name, version: report.version, rows: rows[report.version] ?? [], policy: monitored.policy,
                now: now)
            replaceNewest(verdicts, key: key) { $0.kind == .quality }
            let champion = monitored.endpoint.champion?.version
            try await settle(verdicts, isChampion: report.version == champion, monitors: monitors)
        }
        qualityDue[name] = now.adding(seconds: monitors.windowSeconds)
    }

    private func replaceNewest(_ verdicts: [MonitorVerdict], key: Key, _ isSameKind: (MonitorVerdict) -> Bool) {
        newestVerdicts[key] = (newestVerdicts[key] ?? []).filter { !isSameKind($0) } + verdicts
    }

    // MARK: alerts

    /// Keeps verdicts and what they do to alerts. Only the champion's ring: a candidate is the rollout controller's.
    private func settle(_ verdicts: [MonitorVerdict], isChampion: Bool, monitors: Monitors) async throws {
        var board = self.board ?? AlertBoard()
        let changes = isChampion ? board.take(verdicts, windowsToFire: monitors.windowsToFire, now: clock.now()) : []
        try await commit(verdicts: verdicts.filter(\.isBroken), changes: changes, board: board)
    }

    private func endStaleAlerts(_ monitored: MonitoredEndpoint) async throws {
        var board = self.board ?? AlertBoard()
        let changes = board.endAll(
            endpoint: monitored.endpoint.name, exceptVersion: monitored.endpoint.champion?.version, now: clock.now())
        try await commit(verdicts: [], changes: changes, board: board)
    }

    private func commit(
        verdicts: [MonitorVerdict], changes: [(alert: Alert, change: AlertTracker.Change)], board: AlertBoard
    ) async throws {
        var board = board
        if !verdicts.isEmpty || !changes.isEmpty {
            let stored = try await alerts.record(verdicts: verdicts, alerts: changes.map(\.alert))
            for alert in stored { board.number(alert) }
            self.board = board
            for (alert, change) in zip(stored, changes.map(\.change)) where change == .announced {
                logger.notice(
                    "alert \(alert.state.rawValue)",
                    metadata: [
                        "endpoint": "\(alert.endpoint)", "subject": "\(alert.subject)", "detail": "\(alert.detail)",
                    ])
                for listener in listeners { await listener.alertChanged(alert) }
            }
        }
    }
}
