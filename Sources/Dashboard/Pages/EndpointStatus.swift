public import Domain

/// An endpoint with what its traffic did lately.
public struct EndpointStatus: Sendable, Hashable {
    public var endpoint: Endpoint
    /// One a variant that had traffic.
    public var traffic: [LiveTraffic]
    /// The rollout in progress.
    public var rollout: Rollout?
    public var openAlerts: Int

    public init(endpoint: Endpoint, traffic: [LiveTraffic], rollout: Rollout?, openAlerts: Int) {
        self.endpoint = endpoint
        self.traffic = traffic
        self.rollout = rollout
        self.openAlerts = openAlerts
    }

    var badge: Badge {
        if let rollout { return Badge(rollout.state) }
        return endpoint.champion == nil
            ? Badge(text: "no champion", tone: .warning, icon: .question)
            : Badge(text: "serving", tone: .good, icon: .check)
    }

    /// The split as a bar and the variants as a table.
    @HTMLBuilder var trafficHTML: HTML {
        if endpoint.variants.isEmpty {
            EmptyState(text: "No version stands behind this endpoint.").html
        } else {
            TrafficBar(
                title: "Traffic of \(endpoint.name)",
                parts: endpoint.variants.map {
                    .init(
                        label: "v\($0.version)",
                        kind: $0.role == .champion ? .champion : $0.role == .candidate ? .candidate : .shadow,
                        share: Double($0.weightBasisPoints) / 10_000)
                }
            ).html
            DataTable(
                caption: "Variants of \(endpoint.name), with the figures of the last minute",
                columns: [
                    .init("Version"), .init("Role"), .init("Weight", .number), .init("Requests/s", .number),
                    .init("Errors", .number), .init("p99", .number), .init("Traffic lately"),
                ],
                rows: endpoint.variants.map(row)
            ).html
        }
    }

    private func row(_ variant: Variant) -> [HTML] {
        let live = traffic.first { $0.version == variant.version }
        return [
            Reference.version(endpoint.name, variant.version), .text(variant.role.rawValue),
            .text(variant.role == .shadow ? "copies" : NumberText.percent(Double(variant.weightBasisPoints) / 10_000)),
            .text(live.map { NumberText.significant($0.requestsPerSecond, figures: 3) } ?? NumberText.none),
            .text(live?.errorShare.map { NumberText.percent($0) } ?? NumberText.none),
            .text(NumberText.milliseconds(live?.p99Milliseconds)),
            live.map { Sparkline(title: "Requests a second of v\(variant.version)", values: $0.history).html }
                ?? .text(NumberText.none),
        ]
    }
}
