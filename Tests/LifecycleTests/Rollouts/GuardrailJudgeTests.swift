import Domain
import Testing

@testable import Lifecycle

@Suite("Guardrails held against live traffic")
struct GuardrailJudgeTests {
    func breaches(
        _ guardrails: Guardrails = Guardrails(), candidate: RolloutEvidence.Side, champion: RolloutEvidence.Side?,
        psi: Double? = nil
    ) -> [String] {
        GuardrailJudge(guardrails).breaches(
            RolloutEvidence(candidate: candidate, champion: champion, predictionPSI: psi))
    }

    @Test(
        "the p99 ratio is broken only above the floor, and only against a champion with traffic of its own",
        arguments: [
            (4.9, 1.0, 1000, false), (5.1, 1.0, 1000, true), (40.0, 20.0, 1000, false), (40.1, 20.0, 1000, true),
            (40.1, 20.0, 49, false), (40.1, 0.0, 1000, false),
        ])
    func latency(ours: Double, theirs: Double, championRequests: Int, broken: Bool) {
        let found = breaches(
            candidate: .init(requests: 50, p99Milliseconds: ours),
            champion: .init(requests: championRequests, p99Milliseconds: theirs))
        #expect(found.isEmpty != broken)
    }

    @Test("the reason holds the figures")
    func figures() {
        let found = breaches(
            candidate: .init(requests: 200, errors: 4, p99Milliseconds: 30),
            champion: .init(requests: 200, p99Milliseconds: 10), psi: 0.31)
        #expect(
            found == [
                "The candidate's error rate is 2 % (4 of 200), above 1 %.",
                "The candidate's p99 latency is 30 ms, 3 times the champion's 10 ms; at most 2 times is allowed.",
                "The PSI between the candidate's and the champion's predictions is 0.31, above 0.25.",
            ])
    }

    @Test("a limit that is reached exactly holds; one that is not set is not judged")
    func limits() {
        #expect(breaches(candidate: .init(requests: 100, errors: 1), champion: nil, psi: 0.25).isEmpty)
        var none = Guardrails()
        none.errorRateAtMost = nil
        none.predictionPSIAtMost = nil
        none.p99RatioToChampionAtMost = nil
        let worst = RolloutEvidence.Side(requests: 100, errors: 100, p99Milliseconds: 1000)
        #expect(breaches(none, candidate: worst, champion: .init(requests: 100, p99Milliseconds: 1), psi: 9).isEmpty)
    }

    @Test("live quality: larger is better, except for errors; both sides need their labels")
    func quality() {
        var guardrails = Guardrails()
        guardrails.quality = [
            QualityGuardrail(metric: "recall", worseByAtMost: 0.05, labelsAtLeast: 100),
            QualityGuardrail(metric: "rmse", worseByAtMost: 1, labelsAtLeast: 100),
        ]
        func side(_ labels: Int, _ recall: Double, _ rmse: Double) -> RolloutEvidence.Side {
            .init(requests: 500, labels: labels, quality: ["recall": recall, "rmse": rmse])
        }
        let worse = breaches(guardrails, candidate: side(100, 0.7, 5), champion: side(100, 0.8, 3))
        #expect(worse.count == 2)
        #expect(worse[0].contains("worse by 0.1, at most 0.05"))
        #expect(breaches(guardrails, candidate: side(100, 0.9, 1), champion: side(100, 0.8, 3)).isEmpty)
        #expect(breaches(guardrails, candidate: side(99, 0.1, 9), champion: side(100, 0.8, 3)).isEmpty)
        #expect(breaches(guardrails, candidate: side(100, 0.1, 9), champion: side(99, 0.8, 3)).isEmpty)
        #expect(breaches(guardrails, candidate: side(100, 0.1, 9), champion: nil).isEmpty)
    }
}
