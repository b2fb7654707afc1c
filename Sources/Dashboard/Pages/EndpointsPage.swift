public import Domain

/// All endpoints with their live traffic.
public struct EndpointsPage: Page {
    public var endpoints: [EndpointStatus]
    public var paging: Paging<String>
    public init(endpoints: [EndpointStatus], paging: Paging<String> = Paging()) {
        self.endpoints = endpoints
        self.paging = paging
    }

    public var title: String { "Endpoints" }
    public var section: Section? { .endpoints }
    public var refreshSeconds: Int? { 5 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: "The stable names that clients call, and where their traffic goes.").html,
            endpoints.isEmpty && paging.isFirst ? Self.empty : .group(endpoints.map(card)),
            paging.html(label: "Pages of endpoints", first: .endpoints, firstText: "First", nextText: "Next") {
                .endpoints(after: $0)
            },
        ])
    }

    private static let empty = Card(id: "endpoints", title: "No endpoint yet").html {
        EmptyState(
            text: "An endpoint comes into being when an approved version is rolled out.",
            commands: [
                "martlet readiness MODEL VERSION", "martlet approval request MODEL VERSION",
                "martlet rollout start MODEL VERSION",
            ]
        ).html
    }

    private func card(_ status: EndpointStatus) -> HTML {
        let name = status.endpoint.name
        return Dashboard.section(.class("card"), .id("endpoint-" + name), Attribute("data-live", nil)) {
            div(.class("card-head")) {
                h2 { Reference.endpoint(name) }
                status.badge.html
                if status.openAlerts > 0 {
                    a(.href(.alerts)) {
                        Badge(
                            text: NumberText.counted(status.openAlerts, "alert"), tone: .bad, icon: .exclamation
                        ).html
                    }
                }
            }
            status.trafficHTML
            if let rollout = status.rollout { RolloutSteps.html(rollout) }
        }
    }
}
