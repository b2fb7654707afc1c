public import Domain

/// One rollout.
public struct RolloutPage: Page {
    public var rollout: Rollout
    /// Oldest first.
    public var events: [RolloutEvent]
    public init(rollout: Rollout, events: [RolloutEvent]) {
        self.rollout = rollout
        self.events = events
    }

    public var title: String { "Rollout \(rollout.id) of \(rollout.endpoint)" }
    public var section: Section? { .rollouts }
    public var refreshSeconds: Int? { rollout.state.isFinal ? nil : 5 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(
                title: title, trail: [("Rollouts", .rollouts), (rollout.endpoint, .endpoint(rollout.endpoint))],
                badges: [Badge(rollout.state)]
            ).html,
            Card(id: "rollout", title: "Progress", isLive: true).html {
                RolloutDetail(rollout: rollout, events: events).html(now: now)
            },
            rollout.state.isFinal
                ? .empty
                : Card(id: "control", title: "Steer it").html {
                    EmptyState(
                        text: "An operator can stop or end it by hand.",
                        commands: [
                            "martlet rollout pause \(rollout.id) --reason '…'", "martlet rollout resume \(rollout.id)",
                            "martlet rollout abort \(rollout.id) --reason '…'",
                        ]
                    ).html
                },
        ])
    }
}
