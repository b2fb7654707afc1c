public import Domain

/// The rules by which a rollout moves: a value and an event in, the next value and what to do out. No clock, no store.
///
/// `pending → progressing ⇄ paused → promoted / rolled back`. Guardrails are judged before the step's clock, and while
/// paused too: a person who holds a rollout does not keep a broken candidate in traffic.
public struct RolloutMachine: Sendable {
    /// What can happen to a rollout.
    public enum Event: Sendable, Hashable {
        /// The first event of each: puts the first step in place.
        case start
        /// Time to judge, with what live traffic says since the step began.
        case tick(RolloutEvidence)
        case pause(reason: String)
        /// Begins the step anew: a full duration and all its requests, so that nothing seen before the pause ends it.
        case resume(reason: String)
        case abort(reason: String)
    }

    /// The whole of an endpoint's traffic, in ten-thousandths.
    static let wholeBasisPoints = 10_000

    public let rollout: Rollout

    public init(_ rollout: Rollout) {
        self.rollout = rollout
    }

    /// What `event`, at the moment `now`, makes of the rollout.
    ///
    /// - Throws: `failedPrecondition` where the event is not legal in the present state.
    public func handle(_ event: Event, now: Timestamp) throws(MartletError) -> RolloutTransition {
        switch event {
        case .start: return try start(now)
        case .tick(let evidence): return tick(evidence, now)
        case .pause(let reason):
            try require(.progressing, to: "paused")
            return moved(to: .paused, kind: "paused", reason, now)
        case .resume(let reason):
            try require(.paused, to: "resumed")
            var transition = moved(to: .progressing, kind: "resumed", reason, now)
            transition.rollout.stepStartedAt = now
            return transition
        case .abort(let reason):
            guard !rollout.state.isFinal else { throw refused("aborted") }
            return rolledBack("Aborted: \(reason)", evidence: nil, now)
        }
    }

    // MARK: events

    private func start(_ now: Timestamp) throws(MartletError) -> RolloutTransition {
        try require(.pending, to: "started")
        let begun = record("started", step: 0, "Version \(rollout.candidate) starts.", nil, now)
        guard rollout.champion != nil else {
            return promoted("There was no champion to compare with.", nil, now, before: [begun])
        }
        guard let first = rollout.plan.steps.first else {
            return promoted("The policy's plan has no steps.", nil, now, before: [begun])
        }
        var next = rollout
        next.state = .progressing
        next.step = 0
        next.stepStartedAt = now
        next.updatedAt = now
        return RolloutTransition(
            rollout: next,
            actions: [begun, .setVariants(variants(of: first)), record("step", step: 0, Self.words(first), nil, now)])
    }

    private func tick(_ evidence: RolloutEvidence, _ now: Timestamp) -> RolloutTransition {
        guard rollout.state == .progressing || rollout.state == .paused else {
            return RolloutTransition(rollout: rollout, actions: [])
        }
        let breaches = GuardrailJudge(rollout.guardrails).breaches(evidence)
        if !breaches.isEmpty { return rolledBack(breaches.joined(separator: " "), evidence: evidence, now) }
        guard rollout.state == .progressing, rollout.plan.steps.indices.contains(rollout.step) else {
            return evaluated("Held by hand; no guardrail is broken.", evidence, now)
        }
        let step = rollout.plan.steps[rollout.step]
        let spent = now.seconds(since: rollout.stepStartedAt)
        guard spent >= step.durationSeconds, evidence.candidate.requests >= step.requestsAtLeast else {
            return evaluated(
                "\(Figures.plain(max(0, spent))) of \(Figures.plain(step.durationSeconds)) s, "
                    + "\(evidence.candidate.requests) of \(step.requestsAtLeast) requests; no guardrail is broken.",
                evidence, now)
        }
        return advanced(evidence, now)
    }

    private func advanced(_ evidence: RolloutEvidence, _ now: Timestamp) -> RolloutTransition {
        let index = rollout.step + 1
        guard rollout.plan.steps.indices.contains(index) else {
            return promoted("All steps passed without a broken guardrail.", evidence, now)
        }
        let step = rollout.plan.steps[index]
        var next = rollout
        next.step = index
        next.stepStartedAt = now
        next.updatedAt = now
        next.reason = nil
        return RolloutTransition(
            rollout: next,
            actions: [
                .setVariants(variants(of: step)), record("step", step: index, Self.words(step), evidence, now),
            ])
    }

    // MARK: ends

    private func promoted(
        _ why: String, _ evidence: RolloutEvidence?, _ now: Timestamp, before: [RolloutAction] = []
    ) -> RolloutTransition {
        var next = rollout
        next.state = .promoted
        next.step = rollout.plan.steps.count
        next.updatedAt = now
        next.reason = why
        let champion = Variant(
            version: rollout.candidate, role: .champion, weightBasisPoints: Self.wholeBasisPoints)
        return RolloutTransition(
            rollout: next,
            actions: before + [
                .setVariants([champion]), .moveChampion(to: rollout.candidate),
                record("promoted", step: next.step, why, evidence, now),
            ])
    }

    private func rolledBack(_ why: String, evidence: RolloutEvidence?, _ now: Timestamp) -> RolloutTransition {
        var next = rollout
        next.state = .rolledBack
        next.updatedAt = now
        next.reason = why
        let rest = rollout.champion.map {
            [Variant(version: $0, role: .champion, weightBasisPoints: Self.wholeBasisPoints)]
        }
        return RolloutTransition(
            rollout: next,
            actions: [
                .setVariants(rest ?? []), record("rolled_back", step: rollout.step, why, evidence, now),
            ])
    }

    // MARK: pieces

    private func moved(
        to state: Rollout.State, kind: String, _ reason: String, _ now: Timestamp
    ) -> RolloutTransition {
        var next = rollout
        next.state = state
        next.updatedAt = now
        next.reason = reason
        return RolloutTransition(rollout: next, actions: [record(kind, step: rollout.step, reason, nil, now)])
    }

    private func evaluated(_ detail: String, _ evidence: RolloutEvidence, _ now: Timestamp) -> RolloutTransition {
        RolloutTransition(
            rollout: rollout, actions: [record("evaluated", step: rollout.step, detail, evidence, now)])
    }

    private func record(
        _ kind: String, step: Int, _ detail: String, _ evidence: RolloutEvidence?, _ now: Timestamp
    ) -> RolloutAction {
        .record(
            RolloutEvent(rolloutID: rollout.id, time: now, kind: kind, step: step, detail: detail, evidence: evidence))
    }

    /// The variants of one step. Without a champion the candidate takes all: but then no step is ever reached.
    private func variants(of step: RolloutPlan.Step) -> [Variant] {
        guard let champion = rollout.champion else {
            return [Variant(version: rollout.candidate, role: .champion, weightBasisPoints: Self.wholeBasisPoints)]
        }
        guard let percent = step.weightPercent else {
            return [
                Variant(version: champion, role: .champion, weightBasisPoints: Self.wholeBasisPoints),
                Variant(version: rollout.candidate, role: .shadow, weightBasisPoints: 0),
            ]
        }
        let weight = Int((min(max(percent, 0), 100) * 100).rounded())
        return [
            Variant(version: champion, role: .champion, weightBasisPoints: Self.wholeBasisPoints - weight),
            Variant(version: rollout.candidate, role: .candidate, weightBasisPoints: weight),
        ]
    }

    private static func words(_ step: RolloutPlan.Step) -> String {
        let share = step.weightPercent.map { "\(Figures.plain($0)) % of the traffic" } ?? "Shadow"
        return "\(share), for at least \(Figures.plain(step.durationSeconds)) s and \(step.requestsAtLeast) requests."
    }

    private func require(_ state: Rollout.State, to verb: String) throws(MartletError) {
        guard rollout.state == state else { throw refused(verb) }
    }

    private func refused(_ verb: String) -> MartletError {
        .precondition("Rollout \(rollout.id) is \(rollout.state.rawValue), so it cannot be \(verb).")
    }
}
