public import Domain

/// Holds live traffic against a policy's guardrails.
public struct GuardrailJudge: Sendable {
    private let guardrails: Guardrails

    public init(_ guardrails: Guardrails) {
        self.guardrails = guardrails
    }

    /// One sentence with its figures for each broken guardrail; empty where all hold or nothing can be judged yet.
    ///
    /// Below `requestsAtLeast` of the candidate's requests only a candidate whose every request failed is judged.
    public func breaches(_ evidence: RolloutEvidence) -> [String] {
        let candidate = evidence.candidate
        guard candidate.requests >= guardrails.requestsAtLeast else {
            guard guardrails.errorRateAtMost != nil, candidate.requests > 0, candidate.errors >= candidate.requests
            else { return [] }
            return ["All \(candidate.requests) requests to the candidate failed."]
        }
        return [errorRate(candidate), latency(evidence), drift(evidence)].compactMap { $0 }
            + guardrails.quality.compactMap { quality($0, evidence) }
    }

    private func errorRate(_ candidate: RolloutEvidence.Side) -> String? {
        guard let limit = guardrails.errorRateAtMost, candidate.requests > 0 else { return nil }
        let rate = Double(candidate.errors) / Double(candidate.requests)
        guard rate > limit else { return nil }
        return "The candidate's error rate is \(Figures.percent(rate)) (\(candidate.errors) of \(candidate.requests)), "
            + "above \(Figures.percent(limit))."
    }

    /// The champion needs as many requests as the candidate before its p99 is worth comparing with.
    private func latency(_ evidence: RolloutEvidence) -> String? {
        guard let limit = guardrails.p99RatioToChampionAtMost, let champion = evidence.champion,
            champion.requests >= guardrails.requestsAtLeast, let ours = evidence.candidate.p99Milliseconds,
            let theirs = champion.p99Milliseconds, theirs > 0, ours > guardrails.p99FloorMilliseconds,
            ours / theirs > limit
        else { return nil }
        return "The candidate's p99 latency is \(Figures.plain(ours)) ms, \(Figures.plain(ours / theirs)) times the "
            + "champion's \(Figures.plain(theirs)) ms; at most \(Figures.plain(limit)) times is allowed."
    }

    private func drift(_ evidence: RolloutEvidence) -> String? {
        guard let limit = guardrails.predictionPSIAtMost, let psi = evidence.predictionPSI, psi > limit else {
            return nil
        }
        return "The PSI between the candidate's and the champion's predictions is \(Figures.plain(psi)), "
            + "above \(Figures.plain(limit))."
    }

    private func quality(_ guardrail: QualityGuardrail, _ evidence: RolloutEvidence) -> String? {
        let candidate = evidence.candidate
        guard let champion = evidence.champion, candidate.labels >= guardrail.labelsAtLeast,
            champion.labels >= guardrail.labelsAtLeast, let ours = candidate.quality[guardrail.metric],
            let theirs = champion.quality[guardrail.metric]
        else { return nil }
        let worse = Self.smallerIsBetter.contains(guardrail.metric) ? ours - theirs : theirs - ours
        guard worse > guardrail.worseByAtMost else { return nil }
        return "The candidate's live \(guardrail.metric) is \(Figures.plain(ours)) on \(candidate.labels) labels, the "
            + "champion's \(Figures.plain(theirs)) on \(champion.labels): worse by \(Figures.plain(worse)), "
            + "at most \(Figures.plain(guardrail.worseByAtMost)) is allowed."
    }

    /// Error sizes; all other metrics of feedback are better when larger.
    private static let smallerIsBetter: Set<String> = ["rmse", "mae", "mse", "log_loss", "brier"]
}
