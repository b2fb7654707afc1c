import Domain

/// Rollouts as rows.
enum RolloutTable {
    static func html(_ rollouts: [Rollout], caption: String, now: Timestamp, namesEndpoint: Bool) -> HTML {
        DataTable(
            caption: caption,
            columns: [.init("Rollout")] + (namesEndpoint ? [.init("Endpoint")] : []) + [
                .init("Change"), .init("State"), .init("Step"), .init("Started"), .init("Reason", .wide),
            ],
            rows: rollouts.map { rollout in
                [Reference.rollout(rollout.id)] + (namesEndpoint ? [Reference.endpoint(rollout.endpoint)] : []) + [
                    change(rollout), Badge(rollout.state).html, .text(step(rollout)),
                    .group([TimeText.ago(rollout.startedAt, now: now), .text(" by "), bdi(text: rollout.startedBy)]),
                    bdi(text: rollout.reason ?? NumberText.none),
                ]
            }
        ).html
    }

    static func change(_ rollout: Rollout) -> HTML {
        span(.class("together")) {
            rollout.champion.map { Reference.version(rollout.endpoint, $0) } ?? .text("none")
            " → "
            Reference.version(rollout.endpoint, rollout.candidate)
        }
    }

    private static func step(_ rollout: Rollout) -> String {
        let steps = rollout.plan.steps
        return steps.indices.contains(rollout.step)
            ? "\(rollout.step + 1) of \(steps.count): \(RolloutSteps.name(steps[rollout.step]))" : "100 %"
    }
}
