public import Domain

/// All rollouts, newest first.
public struct RolloutsPage: Page {
    public var rollouts: [Rollout]
    public var paging: Paging<Int64>
    public init(rollouts: [Rollout], paging: Paging<Int64> = Paging()) {
        self.rollouts = rollouts
        self.paging = paging
    }

    public var title: String { "Rollouts" }
    public var section: Section? { .rollouts }
    public var refreshSeconds: Int? { 5 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: "Changes of what an endpoint serves, step by step.").html,
            Card(id: "rollouts", title: "All rollouts", isLive: true).html {
                if rollouts.isEmpty {
                    EmptyState(
                        text: "Nothing was rolled out yet. A version needs an approval first:",
                        commands: [
                            "martlet approval request MODEL VERSION", "martlet rollout start MODEL VERSION",
                        ]
                    ).html
                } else {
                    RolloutTable.html(rollouts, caption: "Rollouts, newest first", now: now, namesEndpoint: true)
                    paging.html(label: "Pages of rollouts", first: .rollouts) { .rollouts(before: $0) }
                }
            },
        ])
    }
}
