public import Domain
public import Logging
public import ServiceLifecycle

/// Starts the policies' retraining commands by alert, by schedule or by hand, each as a confined child with a narrow key.
///
/// What a command registers is a version like any other: it is prepared, must be ready and must be approved.
public actor RetrainingService: Service, AlertListener {
    /// How often schedules are looked at; a minute is the finest that a schedule can say.
    static let wake = Duration.seconds(5)
    static let reasonCharactersMax = 1_000
    /// A key lives this much longer than its command may run, for the command's last request.
    static let keySpareSeconds = 60

    private let policies: any PolicyKeeping
    private let runs: any RetrainingKeeping
    private let child: RetrainingChild
    private let clock: any WallClock
    private let logger: Logger
    private var due: [String: (expression: CronExpression, at: Timestamp?)] = [:]
    private var isMarked = false
    private var children: [Int64: Task<Void, Never>] = [:]

    public init(
        policies: any PolicyKeeping, runs: any RetrainingKeeping, child: RetrainingChild, clock: any WallClock,
        logger: Logger
    ) {
        self.policies = policies
        self.runs = runs
        self.child = child
        self.clock = clock
        self.logger = logger
    }

    // MARK: the three ways to start

    /// Starts the model's retraining by hand; the policy's cooldown is for machines, not for people.
    ///
    /// - Throws: `permissionDenied`; `failedPrecondition` where no policy names a command, where guests are off, or while a
    ///   run is under way; `invalidArgument` for a reason that is too long.
    public func start(model: String, reason: String, by principal: Principal) async throws -> RetrainingRun {
        try RolloutGate.require(principal, model: model, to: "start retraining")
        guard reason.count <= Self.reasonCharactersMax else {
            throw MartletError.invalid("A reason has at most \(Self.reasonCharactersMax) characters.", field: "reason")
        }
        guard let policy = try await policies.policyInForce(model), let rule = policy.policy.retraining else {
            throw MartletError.precondition(
                "No policy in force names a command for \(model): add `retraining: {command: […]}` to it.")
        }
        return try await begin(model, rule, .manual, reason, cooldownSeconds: 0, by: principal)
    }

    /// A drift or quality alert that begins to fire starts the retraining of its model, if the policy says so.
    public func alertChanged(_ alert: Alert) async {
        guard alert.state == .firing, alert.kind != .missingValues else { return }
        do {
            guard let rule = try await policies.policyInForce(alert.endpoint)?.policy.retraining, rule.onAlert else {
                return
            }
            _ = try await begin(
                alert.endpoint, rule, .alert,
                String("\(alert.kind.rawValue) of \(alert.subject): \(alert.detail)".prefix(Self.reasonCharactersMax)),
                cooldownSeconds: rule.cooldownSeconds, by: .monitor)
        } catch {
            tell(error, alert.endpoint)
        }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
        for task in children.values { task.cancel() }
        for task in children.values { await task.value }
    }

    /// Before the first run of this process begins, those that an earlier one left running are marked; the database may be away
    /// at the start.
    private func markInterruptedOnce() async throws {
        guard !isMarked else { return }
        isMarked = true
        do {
            let cutOff = try await runs.markInterrupted()
            if cutOff > 0 { logger.warning("a stop of the server cut off retraining", metadata: ["runs": "\(cutOff)"]) }
        } catch {
            isMarked = false
            throw error
        }
    }

    private func loop() async {
        repeat {
            do {
                try await markInterruptedOnce()
                for policy in try await policies.policiesInForce() { await startIfDue(policy) }
            } catch {
                logger.error("the schedules could not be read", metadata: ["error": "\(error)"])
            }
            // Sleeping throws only when the task is cancelled: then the loop is over.
        } while (try? await Task.sleep(for: Self.wake)) != nil
    }

    /// Times that passed while the server was down, or before the policy came in force, are not made up for.
    public func startIfDue(_ policy: PolicyVersion) async {
        guard let rule = policy.policy.retraining, let text = rule.schedule else {
            due[policy.model] = nil
            return
        }
        let now = clock.now()
        do {
            let expression = try CronExpression(text)
            guard let known = due[policy.model], known.expression == expression else {
                due[policy.model] = (expression, expression.next(after: now))
                return
            }
            guard let at = known.at, at <= now else { return }
            due[policy.model] = (expression, expression.next(after: now))
            _ = try await begin(
                policy.model, rule, .schedule, "The schedule \(text).", cooldownSeconds: rule.cooldownSeconds,
                by: .system)
        } catch {
            tell(error, policy.model)
        }
    }

    /// A run under way and a cooldown are as they should be; anything else is not.
    private func tell(_ error: any Error, _ model: String) {
        let isExpected = (error as? MartletError)?.code == .failedPrecondition
        logger.log(
            level: isExpected ? .info : .error, "retraining was not started",
            metadata: ["model": "\(model)", "reason": "\(error)"])
    }

    // MARK: one run

    private func begin(
        _ model: String, _ rule: RetrainingRule, _ trigger: RetrainingRun.Trigger, _ reason: String,
        cooldownSeconds: Double, by actor: Principal
    ) async throws -> RetrainingRun {
        // A person is told at once. Nobody reads the answer to an alert or a schedule, so there a failed run says it.
        if trigger == .manual { try child.requireGuests() }
        try await markInterruptedOnce()
        let run = try await runs.begin(
            model: model, trigger: trigger, reason: reason, cooldownSeconds: cooldownSeconds, by: actor)
        logger.notice(
            "retraining begins",
            metadata: ["run": "\(run.id)", "model": "\(model)", "trigger": "\(trigger.rawValue)"])
        children[run.id] = Task { await self.finish(await self.child.run(run, rule)) }
        return run
    }

    private func finish(_ ended: RetrainingRun) async {
        var ended = ended
        ended.endedAt = clock.now()
        do { try await runs.end(ended) } catch {
            logger.error("how retraining ended could not be kept", metadata: ["error": "\(error)"])
        }
        children[ended.id] = nil
        logger.notice(
            "retraining ended",
            metadata: [
                "run": "\(ended.id)", "model": "\(ended.model)", "state": "\(ended.state.rawValue)",
                "versions": "\(ended.versions)",
            ])
    }
}
