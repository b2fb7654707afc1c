public import Domain

/// One endpoint: traffic, rollout, drift, quality, alerts.
public struct EndpointPage: Page {
    /// Drift of one feature (or of the prediction) of one version.
    public struct Drift: Sendable, Hashable {
        public var feature: String
        public var isDrifted: Bool
        /// The test's figures as a sentence, for example `KS 0.31, p < 0.001`; nil where no test was made.
        public var test: String?
        public var psi: TimeSeriesChart
        public var histogram: HistogramChart
        public init(feature: String, isDrifted: Bool, test: String?, psi: TimeSeriesChart, histogram: HistogramChart) {
            self.feature = feature
            self.isDrifted = isDrifted
            self.test = test
            self.psi = psi
            self.histogram = histogram
        }
    }

    public var status: EndpointStatus
    public var rolloutEvents: [RolloutEvent]
    /// The version that drift and quality speak of.
    public var monitoredVersion: Int?
    public var drift: [Drift]
    public var quality: [TimeSeriesChart]
    /// Newest first.
    public var alerts: [Alert]
    public var rollouts: [Rollout]

    public init(
        status: EndpointStatus, rolloutEvents: [RolloutEvent], monitoredVersion: Int?, drift: [Drift],
        quality: [TimeSeriesChart], alerts: [Alert], rollouts: [Rollout]
    ) {
        self.status = status
        self.rolloutEvents = rolloutEvents
        self.monitoredVersion = monitoredVersion
        self.drift = drift
        self.quality = quality
        self.alerts = alerts
        self.rollouts = rollouts
    }

    public var title: String { status.endpoint.name }
    public var section: Section? { .endpoints }
    public var refreshSeconds: Int? { 5 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(
                title: title, trail: [("Endpoints", .endpoints)],
                lead: .group([.text("Model "), Reference.model(title)]), badges: [status.badge]
            ).html,
            Card(id: "traffic", title: "Traffic", isLive: true).html { status.trafficHTML },
            rolloutCard(now: now),
            Card(id: "alerts", title: "Alerts", isLive: true).html {
                if alerts.isEmpty {
                    p(.class("muted"), text: "No alert has fired.")
                } else {
                    AlertTable.html(alerts, caption: "Alerts of \(title)", now: now, namesEndpoint: false)
                }
            },
            qualityCard, driftCard,
            Card(id: "rollouts", title: "Rollouts", isLive: true).html {
                if rollouts.isEmpty {
                    p(.class("muted"), text: "Nothing was rolled out yet.")
                } else {
                    RolloutTable.html(rollouts, caption: "Rollouts of \(title)", now: now, namesEndpoint: false)
                }
            },
        ])
    }

    private func rolloutCard(now: Timestamp) -> HTML {
        guard let rollout = status.rollout else { return .empty }
        return Card(id: "rollout", title: "Rollout in progress", isLive: true).html {
            RolloutDetail(rollout: rollout, events: rolloutEvents).html(now: now)
        }
    }

    private var qualityCard: HTML {
        Card(id: "quality", title: "Quality", note: monitoredVersion.map { "of v\($0), from feedback" }, isLive: true)
            .html {
                if quality.isEmpty {
                    EmptyState(
                        text:
                            "No labels have come back, so quality is not known. Send what was learned about a prediction:",
                        commands: ["martlet feedback send --prediction ID --label VALUE"]
                    ).html
                } else {
                    div(.class("charts")) {
                        for chart in quality {
                            div(.class("panel")) {
                                h3 { bdi(text: chart.title) }
                                chart.html
                            }
                        }
                    }
                }
            }
    }

    private var driftCard: HTML {
        Card(
            id: "drift", title: "Drift", note: monitoredVersion.map { "of v\($0) against its reference profile" },
            isLive: true
        ).html {
            if drift.isEmpty {
                EmptyState(
                    text: "There is no window to compare yet. Drift needs a reference profile, which comes from the "
                        + "training data logged with the run (mlflow.log_input or a CSV artifact), and traffic."
                ).html
            } else {
                div(.class("charts")) {
                    for item in drift.sorted(by: { $0.isDrifted && !$1.isDrifted }) { panel(item) }
                }
            }
        }
    }

    private func panel(_ item: Drift) -> HTML {
        div(.class("panel")) {
            div(.class("panel-head")) {
                h3 { bdi(text: item.feature) }
                item.isDrifted
                    ? Badge(text: "drifted", tone: .bad, icon: .exclamation).html
                    : Badge(text: "stable", tone: .good, icon: .check).html
            }
            if let test = item.test { p(.class("muted"), text: test) }
            p(.class("chart-name"), text: "PSI over time")
            item.psi.html
            p(.class("chart-name"), text: "Distribution, reference and live")
            item.histogram.html
        }
    }
}
