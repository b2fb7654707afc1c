public import Domain
public import Logging
public import ServiceLifecycle

/// Moves rollouts: people's commands, and every evaluation interval the machine with what live traffic says.
///
/// All state is in the database, so a restart goes on where it stopped. Without evidence a rollout stays where it is.
public actor RolloutController: Service {
    /// How often it looks which rollouts are due; below the shortest interval that a policy may set.
    static let wake = Duration.milliseconds(500)
    /// Longest reason that a person may give.
    static let reasonCharactersMax = 1_000

    private let gate: RolloutGate
    private let rollouts: any RolloutStoring
    private let evidence: any RolloutEvidenceSource
    private let publisher: SnapshotPublisher
    private let clock: any WallClock
    private let logger: Logger
    private var judgedAt: [Int64: Timestamp] = [:]

    public init(
        gate: RolloutGate, rollouts: any RolloutStoring, evidence: any RolloutEvidenceSource,
        publisher: SnapshotPublisher, clock: any WallClock, logger: Logger
    ) {
        self.gate = gate
        self.rollouts = rollouts
        self.evidence = evidence
        self.publisher = publisher
        self.clock = clock
        self.logger = logger
    }

    // MARK: people's commands

    /// Starts the rollout of a version to its model's endpoint.
    ///
    /// - Throws: `permissionDenied`; `failedPrecondition` without policy, approval or servable model, or while another
    ///   rollout of the endpoint is under way; `notFound`.
    public func start(_ id: ModelVersionID, by principal: Principal) async throws -> Rollout {
        let draft = try await gate.draft(id, by: principal)
        let now = clock.now()
        let rollout = try await rollouts.start(draft, by: principal) { pending in
            try RolloutMachine(pending).handle(.start, now: now)
        }
        await publish()
        return rollout
    }

    public func pause(_ id: Int64, reason: String, by principal: Principal) async throws -> Rollout {
        try await command(id, .pause(reason: reason), reason, to: "pause rollouts", by: principal)
    }

    public func resume(_ id: Int64, reason: String, by principal: Principal) async throws -> Rollout {
        try await command(id, .resume(reason: reason), reason, to: "resume rollouts", by: principal)
    }

    public func abort(_ id: Int64, reason: String, by principal: Principal) async throws -> Rollout {
        try await command(id, .abort(reason: reason), reason, to: "abort rollouts", by: principal)
    }

    private func command(
        _ id: Int64, _ event: RolloutMachine.Event, _ reason: String, to action: String, by principal: Principal
    ) async throws -> Rollout {
        guard reason.count <= Self.reasonCharactersMax else {
            throw MartletError.invalid(
                "A reason has at most \(Self.reasonCharactersMax) characters.", field: "reason")
        }
        try principal.require(.operator, to: action)
        try RolloutGate.require(principal, model: try await rollouts.rollout(id).endpoint, to: action)
        let rollout = try await change(id, event, by: principal)
        return rollout
    }

    // MARK: the controller's own rounds

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
    }

    private func loop() async {
        repeat {
            do {
                try await publisher.publishIfBehind()
                try await evaluate()
            } catch {
                logger.error("rollouts could not be read or published", metadata: ["error": "\(error)"])
            }
            // Sleeping throws only when the task is cancelled: then the loop is over.
        } while (try? await Task.sleep(for: Self.wake)) != nil
    }

    /// One round: judges every rollout whose interval is over. One that fails leaves the others to be judged.
    public func evaluate() async throws {
        let active = try await rollouts.activeRollouts()
        judgedAt = judgedAt.filter { id, _ in active.contains { $0.id == id } }
        for rollout in active where isDue(rollout) {
            judgedAt[rollout.id] = clock.now()
            do {
                let seen = try await observed(rollout)
                let after = try await change(rollout.id, .tick(seen), by: .rolloutController, judging: rollout)
                if after.state.isFinal || after.step != rollout.step {
                    logger.notice(
                        "rollout moved",
                        metadata: [
                            "rollout": "\(after.id)", "endpoint": "\(after.endpoint)",
                            "state": "\(after.state.rawValue)",
                            "step": "\(after.step)", "reason": "\(after.reason ?? "-")",
                        ])
                }
            } catch {
                logger.error(
                    "a rollout could not be judged and stays where it is",
                    metadata: ["rollout": "\(rollout.id)", "error": "\(error)"])
            }
        }
    }

    /// A clock that was set back makes a rollout due, not late.
    private func isDue(_ rollout: Rollout) -> Bool {
        guard let last = judgedAt[rollout.id] else { return true }
        let passed = clock.now().seconds(since: last)
        return passed < 0 || passed >= rollout.plan.evaluationIntervalSeconds
    }

    /// Errors and latency are the step's own. Labels come late and predictions are few in a short step, so quality is the
    /// whole rollout's, and of the two prediction indexes the worse one counts.
    private func observed(_ rollout: Rollout) async throws -> RolloutEvidence {
        func since(_ time: Timestamp) async throws -> RolloutEvidence {
            try await evidence.evidence(
                endpoint: rollout.endpoint, candidate: rollout.candidate, champion: rollout.champion, since: time)
        }
        var step = try await since(rollout.stepStartedAt)
        guard rollout.stepStartedAt != rollout.startedAt else { return step }
        let whole = try await since(rollout.startedAt)
        step.candidate.labels = whole.candidate.labels
        step.candidate.quality = whole.candidate.quality
        if let champion = whole.champion {
            step.champion?.labels = champion.labels
            step.champion?.quality = champion.quality
        }
        step.predictionPSI = [step.predictionPSI, whole.predictionPSI].compactMap { $0 }.max()
        return step
    }

    /// - Parameter judging: what the evidence was gathered for; where the rollout moved meanwhile, the evidence is void.
    private func change(
        _ id: Int64, _ event: RolloutMachine.Event, by actor: Principal, judging: Rollout? = nil
    ) async throws -> Rollout {
        let now = clock.now()
        let before = try await rollouts.rollout(id)
        let after = try await rollouts.change(id, by: actor) { present in
            if let judging, judging != present { return RolloutTransition(rollout: present, actions: []) }
            return try RolloutMachine(present).handle(event, now: now)
        }
        if after != before { await publish() }
        return after
    }

    /// What was decided is durable already; a publication that fails is tried again every round.
    private func publish() async {
        do {
            try await publisher.publish()
        } catch {
            logger.error("the data plane was not told of a change yet", metadata: ["error": "\(error)"])
        }
    }
}
