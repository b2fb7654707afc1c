import Domain

/// A policy in words, and its document as it was applied.
struct PolicySummary {
    var version: PolicyVersion

    func html(now: Timestamp) -> HTML {
        let policy = version.policy
        var facts = Facts()
        facts.add("State", .group([Badge(version.state).html, .text(" version \(version.version)")]))
        facts.add(
            "Applied",
            .group([TimeText.ago(version.appliedAt, now: now), .text(" by "), bdi(text: version.authorName)]))
        facts.add("Owner", text: policy.owner)
        facts.add("Team", text: policy.team)
        facts.add("Task", text: policy.task.rawValue)
        facts.add(
            "Approvals", text: "\(policy.approvals.count) by role \(policy.approvals.role.rawValue), never by an author"
        )
        facts.add("Rollout", text: (policy.rollout.steps.map(RolloutSteps.name) + ["100 %"]).joined(separator: " → "))
        facts.add("Guardrails", text: Self.guardrails(policy.guardrails))
        facts.add("Drift", text: Self.drift(policy.monitors))
        facts.add("Quality", text: Self.quality(policy.monitors))
        facts.add("Retraining", text: policy.retraining.map { $0.command.joined(separator: " ") } ?? "none")
        facts.add("Predictions kept", text: Self.record(policy.record))
        return .group([
            facts.html,
            policy.knownLimitations.isEmpty
                ? .empty
                : .group([
                    h3(text: "Known limitations"),
                    ul { for limit in policy.knownLimitations { li { bdi(text: limit) } } },
                ]),
            details {
                summary(text: "The document as it was applied")
                pre(.class("document"), Attribute("tabindex", "0")) { code(text: version.document) }
            },
        ])
    }

    private static func guardrails(_ rails: Guardrails) -> String {
        var parts: [String] = []
        if let limit = rails.errorRateAtMost { parts.append("errors ≤ \(NumberText.percent(limit))") }
        if let limit = rails.p99RatioToChampionAtMost {
            parts.append("p99 ≤ \(NumberText.significant(limit)) × champion's")
        }
        if let limit = rails.predictionPSIAtMost { parts.append("prediction PSI ≤ \(NumberText.significant(limit))") }
        for rail in rails.quality {
            parts.append("\(rail.metric) at most \(NumberText.significant(rail.worseByAtMost)) worse than champion's")
        }
        return parts.isEmpty ? "none" : parts.joined(separator: "; ")
    }

    private static func drift(_ monitors: Monitors) -> String {
        guard monitors.drift.isEnabled else { return "not watched" }
        return "PSI ≥ \(NumberText.significant(monitors.drift.psiAtLeast)) and significant at "
            + "\(NumberText.significant(monitors.drift.significance)), windows of "
            + NumberText.duration(seconds: monitors.windowSeconds)
    }

    private static func quality(_ monitors: Monitors) -> String {
        guard !monitors.quality.isEmpty else { return "not watched" }
        return monitors.quality.map { monitor in
            var text = monitor.metric
            if let least = monitor.atLeast { text += " ≥ \(NumberText.significant(least))" }
            if let most = monitor.atMost { text += " ≤ \(NumberText.significant(most))" }
            return text
        }.joined(separator: "; ")
    }

    private static func record(_ rule: RecordRule) -> String {
        switch rule.mode {
        case .none: "none"
        case .sampled: "a sample of \(NumberText.percent(rule.sampleRate))"
        case .all: "all, durably before the answer"
        }
    }
}
