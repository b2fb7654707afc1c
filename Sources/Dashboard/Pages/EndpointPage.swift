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

        /// −1 where it was not judged.
        var newestPSI: Double { psi.points.last { $0.value.isFinite }?.value ?? -1 }
    }

    /// Stretches of time that the charts can show, in hours.
    public static let hoursOffered = [1, 6, 24, 168]
    /// Features with charts; of more, those that drifted and those with the highest PSI are shown.
    static let driftMax = 24

    public var status: EndpointStatus
    /// What the charts show, of `hoursOffered`.
    public var hours: Int
    /// Requests, failures and latency over time.
    public var performance: [TimeSeriesChart]
    public var rolloutEvents: [RolloutEvent]
    /// The version that drift and quality speak of.
    public var monitoredVersion: Int?
    public var drift: [Drift]
    /// What drift is measured against, as a sentence.
    public var reference: String?
    public var quality: [TimeSeriesChart]
    /// Newest first.
    public var alerts: [Alert]
    public var rollouts: [Rollout]

    public init(
        status: EndpointStatus, hours: Int = 1, performance: [TimeSeriesChart] = [], rolloutEvents: [RolloutEvent],
        monitoredVersion: Int?, drift: [Drift], reference: String? = nil, quality: [TimeSeriesChart], alerts: [Alert],
        rollouts: [Rollout]
    ) {
        self.status = status
        self.hours = hours
        self.performance = performance
        self.reference = reference
        self.rolloutEvents = rolloutEvents
        self.monitoredVersion = monitoredVersion
        self.drift = drift
        self.quality = quality
        self.alerts = alerts
        self.rollouts = rollouts
    }

    public var title: String { status.endpoint.name }
    public var section: Section? { .endpoints }
    /// A longer stretch takes longer to gather, and changes less in a few seconds.
    public var refreshSeconds: Int? { hours <= 1 ? 5 : 60 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(
                title: title, trail: [("Endpoints", .endpoints)],
                lead: .group([.text("Model "), Reference.model(title)]), badges: [status.badge]
            ).html,
            Card(id: "traffic", title: "Traffic", note: "figures of the last minute", isLive: true).html {
                status.trafficHTML
            },
            rolloutCard(now: now),
            Card(id: "alerts", title: "Alerts", isLive: true).html {
                if alerts.isEmpty {
                    p(.class("muted"), text: "No alert has fired.")
                } else {
                    AlertTable.html(alerts, caption: "Alerts of \(title)", now: now, namesEndpoint: false)
                }
            },
            range, performanceCard, qualityCard, driftCard,
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

    private var range: HTML {
        nav(.class("filter"), .label("Time that the charts show")) {
            for hours in Self.hoursOffered {
                let isCurrent = hours == self.hours
                a([.href(.endpoint(title, hours: hours))] + (isCurrent ? [Attribute("aria-current", "true")] : [])) {
                    hours < 48 ? "\(hours)\u{a0}h" : "\(hours / 24)\u{a0}days"
                }
            }
        }
    }

    private var performanceCard: HTML {
        Card(id: "performance", title: "Requests and latency", isLive: true).html {
            if performance.isEmpty {
                p(.class("muted"), text: "No request was answered in this time.")
            } else {
                Self.charts(performance)
            }
        }
    }

    private static func charts(_ charts: [TimeSeriesChart]) -> HTML {
        div(.class("charts")) {
            for chart in charts {
                div(.class("panel")) {
                    h3 { bdi(text: chart.title) }
                    chart.html
                }
            }
        }
    }

    private var qualityCard: HTML {
        Card(id: "quality", title: "Quality", note: monitoredVersion.map { "of v\($0), from feedback" }, isLive: true)
            .html {
                if quality.isEmpty {
                    EmptyState(
                        text:
                            "No labels have come back, so quality is not known. Send what was learned about a prediction:",
                        commands: ["martlet feedback send --prediction-id ID --label VALUE"]
                    ).html
                } else {
                    Self.charts(quality)
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
                if let reference { p(.class("muted")) { bdi(text: reference) } }
                let order = drift.sorted { ($0.isDrifted ? 1 : 0, $0.newestPSI) > ($1.isDrifted ? 1 : 0, $1.newestPSI) }
                div(.class("charts")) {
                    for item in order.prefix(Self.driftMax) { panel(item) }
                }
                if drift.count > Self.driftMax {
                    p(
                        .class("muted"),
                        text: "\(drift.count - Self.driftMax) more with a lower PSI are left out here; "
                            + "martlet monitor show \(ShellWord.quoted(title)) has them all.")
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
