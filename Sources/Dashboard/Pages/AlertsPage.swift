public import Domain

/// Alerts of all endpoints.
public struct AlertsPage: Page {
    /// Newest first.
    public var alerts: [Alert]
    /// Whether resolved ones are among them.
    public var showsResolved: Bool
    public var paging: Paging<Int64>
    public init(alerts: [Alert], showsResolved: Bool, paging: Paging<Int64> = Paging()) {
        self.paging = paging
        self.alerts = alerts
        self.showsResolved = showsResolved
    }

    public var title: String { "Alerts" }
    public var section: Section? { .alerts }
    public var refreshSeconds: Int? { 5 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: "What monitors found in live traffic.").html,
            nav(.class("filter"), .label("Which alerts")) {
                Self.filter("Open", .alerts, isCurrent: !showsResolved)
                Self.filter("All", .allAlerts, isCurrent: showsResolved)
            },
            Card(id: "alerts", title: showsResolved ? "All alerts" : "Open alerts", isLive: true).html {
                if alerts.isEmpty {
                    EmptyState(
                        text: showsResolved
                            ? "No alert has ever fired. What is watched is written in each model's policy:"
                            : "No alert is open. What is watched is written in each model's policy:",
                        commands: ["martlet policy show MODEL", "martlet monitor show ENDPOINT"]
                    ).html
                } else {
                    AlertTable.html(alerts, caption: "Alerts, newest first", now: now, namesEndpoint: true)
                    paging.html(label: "Pages of alerts", first: showsResolved ? .allAlerts : .alerts) {
                        .alerts(all: showsResolved, before: $0)
                    }
                }
            },
        ])
    }

    private static func filter(_ text: String, _ link: Link, isCurrent: Bool) -> HTML {
        a([.href(link)] + (isCurrent ? [Attribute("aria-current", "true")] : [])) { text }
    }
}
