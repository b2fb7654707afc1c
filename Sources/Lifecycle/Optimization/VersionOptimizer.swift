public import Domain
public import Logging
internal import Monitoring
public import ServiceLifecycle

/// Makes optimised versions of registered ones, each as a job of its own that callers watch.
///
/// What it registers is a version like any other: it is prepared, must be ready and must be approved.
public actor VersionOptimizer: Service {
    /// Jobs at a time: each is a guest that computes, and measures latency besides.
    static let runningMax = 2
    /// Ended jobs that are remembered; the oldest are forgotten.
    static let jobsMax = 100

    private let source: OptimizationSource
    private let optimizer: any ModelOptimizing
    private let keeper: any OptimizedVersionKeeping
    private let listener: any VersionCreatedListener
    private let makeMLmodel: @Sendable ([UInt8], ServableLayout) throws -> [UInt8]
    private let clock: any WallClock
    private let logger: Logger
    /// Oldest first.
    private var jobs: [OptimizationJob] = []
    private var tasks: [String: Task<Void, Never>] = [:]

    /// - Parameter makeMLmodel: the `MLmodel` file of `model.onnx` with the signature of another `MLmodel` file.
    public init(
        source: OptimizationSource, optimizer: any ModelOptimizing, keeper: any OptimizedVersionKeeping,
        listener: any VersionCreatedListener,
        makeMLmodel: @escaping @Sendable ([UInt8], ServableLayout) throws -> [UInt8], clock: any WallClock,
        logger: Logger
    ) {
        self.source = source
        self.optimizer = optimizer
        self.keeper = keeper
        self.listener = listener
        self.makeMLmodel = makeMLmodel
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        // Nothing to do until the server stops: then what is under way is given up, and has changed nothing.
        try? await gracefulShutdown()
        for task in tasks.values { task.cancel() }
        for task in tasks.values { await task.value }
    }

    /// Begins to make an optimised version.
    ///
    /// - Throws: `permissionDenied`; `notFound`; `failedPrecondition` where guests are off, for a version that cannot be served, or
    ///   while the same is under way; `resourceExhausted` while too many are.
    public func start(
        _ id: ModelVersionID, _ optimization: Optimization, by principal: Principal
    ) async throws -> OptimizationJob {
        try principal.require(.contributor, to: "optimise versions")
        guard principal.onlyModel == nil || principal.onlyModel == id.model else {
            throw MartletError(
                .permissionDenied, "\(principal.name) may optimise versions of \(principal.onlyModel ?? "") only.")
        }
        try optimizer.requireAllowed()
        let prepared = try await source.prepared(id)
        // From here on without a pause, so that two callers do not both find room.
        let running = jobs.filter { $0.state == .running }
        let isSame = running.contains {
            $0.model == id.model && $0.sourceVersion == id.version && $0.method == "\(optimization)"
        }
        guard !isSame else {
            throw MartletError.precondition("\(optimization) of \(id) is under way. Wait for what comes of it.")
        }
        guard running.count < Self.runningMax else {
            throw MartletError(
                .resourceExhausted,
                "\(running.count) versions are being optimised; that is the limit. Try again in a minute.")
        }
        let job = OptimizationJob(
            id: Self.freshID(), source: id, method: "\(optimization)", startedBy: principal.name, startedAt: clock.now()
        )
        remember(job)
        tasks[job.id] = Task { self.finish(job, await self.outcome(of: prepared, optimization, by: principal)) }
        return job
    }

    /// - Throws: `notFound` for a job that there never was, or that is forgotten.
    public func job(_ jobID: String, of id: ModelVersionID) throws -> OptimizationJob {
        guard let job = jobs.last(where: { $0.id == jobID && $0.model == id.model && $0.sourceVersion == id.version })
        else {
            throw MartletError.notFound(
                "There is no optimisation \(jobID) of \(id). They are forgotten when the server stops; `martlet model show \(id.model)` lists the versions that were made."
            )
        }
        return job
    }

    // MARK: one job

    private typealias Outcome = (version: ModelVersionID, record: OptimizationRecord)

    private func outcome(
        of prepared: OptimizationSource.Prepared, _ optimization: Optimization, by principal: Principal
    ) async -> Result<Outcome, any Error> {
        do { return .success(try await make(prepared, optimization, by: principal)) } catch { return .failure(error) }
    }

    private func make(
        _ prepared: OptimizationSource.Prepared, _ optimization: Optimization, by principal: Principal
    ) async throws -> Outcome {
        let id = prepared.record.id
        let rows = try await source.referenceRows(prepared.record)
        let mlmodel = try makeMLmodel(try await source.mlmodel(id), ServableLayout(prepared.servable))
        let made = try await optimizer.optimize(
            OptimizationTask(
                optimization: optimization, servable: prepared.servable, inputs: prepared.inputs,
                goldenRequest: prepared.goldenRequest, referenceRows: rows?.bytes,
                labelNames: ReferenceProfiler.labelNames, predictionNames: ReferenceProfiler.predictionNames))
        try Task.checkCancellation()
        let requirements = made.requirements.map { $0 + "\n" }.joined()
        let version = try await keeper.register(
            OptimizedVersionDraft(
                source: id, record: made.record,
                files: [
                    (path: "MLmodel", bytes: mlmodel), (path: "model.onnx", bytes: made.model),
                    (path: "requirements.txt", bytes: Array(requirements.utf8)),
                ], referencePath: rows?.path), by: principal)
        listener.versionCreated(version)
        return (version, made.record)
    }

    private func finish(_ begun: OptimizationJob, _ outcome: Result<Outcome, any Error>) {
        var job = begun
        job.endedAt = clock.now()
        switch outcome {
        case .success(let made):
            job.state = .succeeded
            job.version = made.version.version
            job.record = made.record
        case .failure(let error):
            job.state = .failed
            job.error = (error as? MartletError)?.message ?? "\(error)"
        }
        tasks[job.id] = nil
        if let place = jobs.firstIndex(where: { $0.id == job.id }) { jobs[place] = job }
        logger.notice(
            "optimisation ended",
            metadata: [
                "source": "\(job.model)/\(job.sourceVersion)", "method": "\(job.method)",
                "state": "\(job.state.rawValue)", "version": "\(job.version.map(String.init) ?? "none")",
                "reason": "\(job.error ?? "")",
            ])
    }

    private func remember(_ job: OptimizationJob) {
        jobs.append(job)
        guard jobs.count > Self.jobsMax, let oldest = jobs.firstIndex(where: { $0.state != .running }) else { return }
        jobs.remove(at: oldest)
    }

    /// 16 hexadecimal digits.
    private static func freshID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
