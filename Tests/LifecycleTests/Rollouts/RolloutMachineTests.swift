import Domain
import Testing

@testable import Lifecycle

@Suite("The rollout machine")
struct RolloutMachineTests {
    static let origin = Timestamp(milliseconds: 1_000_000)

    static func rollout(
        champion: Int? = 1, steps: [RolloutPlan.Step]? = nil, state: Rollout.State = .pending, step: Int = 0,
        guardrails: Guardrails = Guardrails()
    ) -> Rollout {
        var plan = RolloutPlan()
        if let steps { plan.steps = steps }
        return Rollout(
            id: 7, endpoint: "wear", candidate: 2, champion: champion, plan: plan, guardrails: guardrails,
            policyVersion: 3, state: state, step: step, stepStartedAt: origin, startedAt: origin, updatedAt: origin,
            startedBy: "olga")
    }

    static func evidence(
        requests: Int, errors: Int = 0, p99: Double? = nil, championP99: Double? = nil, psi: Double? = nil
    ) -> RolloutEvidence {
        RolloutEvidence(
            candidate: .init(requests: requests, errors: errors, p99Milliseconds: p99),
            champion: .init(requests: 1000, errors: 0, p99Milliseconds: championP99), predictionPSI: psi)
    }

    func variants(_ transition: RolloutTransition) -> [Variant]? {
        transition.actions.compactMap { if case .setVariants(let variants) = $0 { variants } else { nil } }.last
    }

    func kinds(_ transition: RolloutTransition) -> [String] {
        transition.actions.compactMap { if case .record(let event) = $0 { event.kind } else { nil } }
    }

    static let whole = [Variant(version: 1, role: .champion, weightBasisPoints: 10_000)]

    @Test("a start puts the first step in place: shadow beside the whole champion")
    func start() throws {
        let transition = try RolloutMachine(Self.rollout()).handle(.start, now: Self.origin)
        #expect(transition.rollout.state == .progressing)
        #expect(variants(transition) == Self.whole + [Variant(version: 2, role: .shadow, weightBasisPoints: 0)])
        #expect(kinds(transition) == ["started", "step"])
    }

    @Test("without a champion, or without steps, the candidate is promoted at once")
    func nothingToCompare() throws {
        for rollout in [Self.rollout(champion: nil), Self.rollout(steps: [])] {
            let transition = try RolloutMachine(rollout).handle(.start, now: Self.origin)
            #expect(transition.rollout.state == .promoted)
            #expect(transition.rollout.step == rollout.plan.steps.count)
            #expect(variants(transition) == [Variant(version: 2, role: .champion, weightBasisPoints: 10_000)])
            #expect(transition.actions.contains(.moveChampion(to: 2)))
            #expect(kinds(transition) == ["started", "promoted"])
        }
    }

    @Test("all steps in order, then promotion moves the champion")
    func wholeWay() throws {
        var transition = try RolloutMachine(Self.rollout()).handle(.start, now: Self.origin)
        var now = Self.origin
        var weights: [Int] = []
        for step in transition.rollout.plan.steps {
            now = now.adding(seconds: step.durationSeconds)
            transition = try RolloutMachine(transition.rollout).handle(
                .tick(Self.evidence(requests: step.requestsAtLeast)), now: now)
            weights.append(variants(transition)?.last?.weightBasisPoints ?? -1)
        }
        #expect(weights == [1000, 5000, 10_000])
        #expect(transition.rollout.state == .promoted)
        #expect(transition.actions.contains(.moveChampion(to: 2)))
        #expect(transition.rollout.step == 3)
    }

    @Test(
        "a step ends only when both its time and its requests are reached",
        arguments: [(59.999, 100, 0), (60.0, 99, 0), (60.0, 100, 1), (6000.0, 0, 0), (-5.0, 1000, 0)])
    func bothConditions(seconds: Double, requests: Int, step: Int) throws {
        let machine = RolloutMachine(Self.rollout(state: .progressing))
        let transition = try machine.handle(
            .tick(Self.evidence(requests: requests)), now: Self.origin.adding(seconds: seconds))
        #expect(transition.rollout.step == step)
        #expect(kinds(transition) == [step == 0 ? "evaluated" : "step"])
        #expect((variants(transition) != nil) == (step == 1))
    }

    @Test("a broken guardrail rolls back even where the step's time is over")
    func guardrailsFirst() throws {
        let machine = RolloutMachine(Self.rollout(state: .progressing, step: 2))
        let transition = try machine.handle(
            .tick(Self.evidence(requests: 1000, errors: 40)), now: Self.origin.adding(seconds: 9999))
        #expect(transition.rollout.state == .rolledBack)
        #expect(variants(transition) == Self.whole)
        #expect(!transition.actions.contains(.moveChampion(to: 2)))
        #expect(
            transition.rollout.reason == "The candidate's error rate is 4 % (40 of 1000), above 1 %.")
        #expect(kinds(transition) == ["rolled_back"])
    }

    @Test("below the least number of requests only a candidate that always fails is judged")
    func fewRequests() throws {
        let machine = RolloutMachine(Self.rollout(state: .progressing))
        let some = try machine.handle(.tick(Self.evidence(requests: 49, errors: 48, psi: 9)), now: Self.origin)
        #expect(some.rollout.state == .progressing)
        let all = try machine.handle(.tick(Self.evidence(requests: 3, errors: 3)), now: Self.origin)
        #expect(all.rollout.state == .rolledBack)
        #expect(all.rollout.reason == "All 3 requests to the candidate failed.")
        let none = try machine.handle(.tick(Self.evidence(requests: 0)), now: Self.origin)
        #expect(none.rollout.state == .progressing)
    }

    @Test("while paused no step ends, but a broken guardrail still rolls back")
    func paused() throws {
        let machine = RolloutMachine(Self.rollout(state: .paused))
        let later = Self.origin.adding(seconds: 9999)
        let good = try machine.handle(.tick(Self.evidence(requests: 9999)), now: later)
        #expect(good.rollout == machine.rollout)
        let bad = try machine.handle(.tick(Self.evidence(requests: 100, psi: 0.3)), now: later)
        #expect(bad.rollout.state == .rolledBack)
    }

    @Test("a resume begins the step anew; a pause changes no traffic")
    func pauseAndResume() throws {
        let machine = RolloutMachine(Self.rollout(state: .progressing, step: 1))
        let paused = try machine.handle(.pause(reason: "lunch"), now: Self.origin.adding(seconds: 10))
        #expect(paused.rollout.state == .paused && variants(paused) == nil)
        let later = Self.origin.adding(seconds: 500)
        let resumed = try RolloutMachine(paused.rollout).handle(.resume(reason: "back"), now: later)
        #expect(resumed.rollout.state == .progressing)
        #expect(resumed.rollout.stepStartedAt == later && resumed.rollout.step == 1)
        let tick = try RolloutMachine(resumed.rollout).handle(
            .tick(Self.evidence(requests: 200)), now: later.adding(seconds: 299))
        #expect(tick.rollout.step == 1)
    }

    @Test("an abort gives all traffic back to the champion, with the person's reason")
    func abort() throws {
        for state in [Rollout.State.progressing, .paused] {
            let transition = try RolloutMachine(Self.rollout(state: state, step: 1)).handle(
                .abort(reason: "wrong file"), now: Self.origin)
            #expect(transition.rollout.state == .rolledBack)
            #expect(transition.rollout.reason == "Aborted: wrong file")
            #expect(variants(transition) == Self.whole)
        }
    }

    @Test("what is over stays over, and what is not legal is refused")
    func illegal() throws {
        for state in [Rollout.State.promoted, .rolledBack] {
            let machine = RolloutMachine(Self.rollout(state: state, step: 1))
            for event in [
                RolloutMachine.Event.start, .pause(reason: ""), .resume(reason: ""), .abort(reason: ""),
            ] {
                #expect(throws: MartletError.self) { try machine.handle(event, now: Self.origin) }
            }
            let tick = try machine.handle(.tick(Self.evidence(requests: 100, errors: 100)), now: Self.origin)
            #expect(tick.rollout == machine.rollout && tick.actions.isEmpty)
        }
        #expect(throws: MartletError.self) {
            try RolloutMachine(Self.rollout(state: .progressing)).handle(.resume(reason: ""), now: Self.origin)
        }
        #expect(throws: MartletError.self) {
            try RolloutMachine(Self.rollout(state: .paused)).handle(.pause(reason: ""), now: Self.origin)
        }
    }
}
