import Domain

/// One rollout: its steps, and what happened with the figures that decided it.
struct RolloutDetail {
    var rollout: Rollout
    /// Oldest first.
    var events: [RolloutEvent]

    func html(now: Timestamp) -> HTML {
        var facts = Facts()
        facts.add("Rollout", Reference.rollout(rollout.id))
        facts.add("Change", RolloutTable.change(rollout))
        facts.add("State", Badge(rollout.state).html)
        facts.add("Reason", text: rollout.reason)
        facts.add(
            "Started", .group([TimeText.ago(rollout.startedAt, now: now), .text(" by "), bdi(text: rollout.startedBy)]))
        facts.add("On this step since", TimeText.ago(rollout.stepStartedAt, now: now))
        return .group([facts.html, RolloutSteps.html(rollout), eventTable])
    }

    private var eventTable: HTML {
        guard !events.isEmpty else { return .empty }
        return DataTable(
            caption: "Events of rollout \(rollout.id), newest first",
            columns: [
                .init("Time (UTC)"), .init("Event"), .init("Step", .number), .init("Candidate"), .init("Champion"),
                .init("Prediction PSI", .number), .init("Detail", .wide),
            ],
            rows: events.reversed().map { event in
                [
                    TimeText.exact(event.time), .text(event.kind.split(separator: "_").joined(separator: " ")),
                    .text(String(event.step + 1)),
                    .text(Self.side(event.evidence?.candidate)), .text(Self.side(event.evidence?.champion)),
                    .text(
                        event.evidence?.predictionPSI.map { NumberText.significant($0, figures: 3) } ?? NumberText.none),
                    bdi(text: event.detail),
                ]
            }
        ).html
    }

    private static func side(_ side: RolloutEvidence.Side?) -> String {
        guard let side else { return NumberText.none }
        return "\(NumberText.counted(side.requests, "request")), \(NumberText.counted(side.errors, "error")), p99 "
            + NumberText.milliseconds(side.p99Milliseconds)
    }
}
