public import Domain

/// All registered models with what needs attention.
public struct ModelsPage: Page {
    /// One model.
    public struct Row: Sendable, Hashable {
        /// What the newest version's readiness says.
        public enum Readiness: Sendable, Hashable {
            case noPolicy
            case ready(criteria: Int)
            case notReady(met: Int, criteria: Int)
            /// Not evaluated yet.
            case unknown
        }
        public var name: String
        public var purpose: String?
        public var champion: Int?
        public var newestVersion: Int?
        public var versions: Int
        public var readiness: Readiness
        public var openAlerts: Int
        public var pendingApprovals: Int
        public var endpoint: Endpoint?
        /// The rollout in progress.
        public var rollout: Rollout?

        public init(
            name: String, purpose: String?, champion: Int?, newestVersion: Int?, versions: Int, readiness: Readiness,
            openAlerts: Int, pendingApprovals: Int, endpoint: Endpoint?, rollout: Rollout?
        ) {
            self.name = name
            self.purpose = purpose
            self.champion = champion
            self.newestVersion = newestVersion
            self.versions = versions
            self.readiness = readiness
            self.openAlerts = openAlerts
            self.pendingApprovals = pendingApprovals
            self.endpoint = endpoint
            self.rollout = rollout
        }
    }

    /// What waits for people, over all models.
    public struct Attention: Sendable, Hashable {
        public var openAlerts: Int
        public var pendingApprovals: Int
        public var rollouts: Int
        public init(openAlerts: Int, pendingApprovals: Int, rollouts: Int) {
            self.openAlerts = openAlerts
            self.pendingApprovals = pendingApprovals
            self.rollouts = rollouts
        }
    }

    public var rows: [Row]
    /// All registered models, on this page or not.
    public var total: Int
    public var attention: Attention
    public var paging: Paging<String>

    public init(rows: [Row], total: Int, attention: Attention, paging: Paging<String> = Paging()) {
        self.rows = rows
        self.total = total
        self.attention = attention
        self.paging = paging
    }

    public var title: String { "Models" }
    public var section: Section? { .models }
    public var refreshSeconds: Int? { 10 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: total == 0 ? .empty : "\(NumberText.counted(total, "registered model"))").html,
            total == 0 ? Self.empty : .group([tiles, models]),
        ])
    }

    private static let empty = Card(id: "models", title: "No model is registered yet").html {
        EmptyState(
            text: "Log one with the MLflow client that you have. Point it at this server, and register what you log:",
            commands: [
                "export MLFLOW_TRACKING_URI=http://127.0.0.1:8080 MLFLOW_TRACKING_TOKEN=…",
                "python train.py     # mlflow.sklearn.log_model(model, name=\"model\", registered_model_name=\"NAME\")",
                "martlet policy apply martlet.yaml",
            ]
        ).html
    }

    private var tiles: HTML {
        let alerts = attention.openAlerts
        let approvals = attention.pendingApprovals
        let rollouts = attention.rollouts
        return ul(.class("tiles"), .id("attention"), Attribute("data-live", nil), .label("Needs attention")) {
            Self.tile(alerts, "open alert", .alerts, tone: alerts > 0 ? "bad" : "calm")
            Self.tile(
                approvals, "approval waiting", .anchor("models"), many: "approvals waiting",
                tone: approvals > 0 ? "warning" : "calm")
            Self.tile(
                rollouts, "rollout in progress", .rollouts, many: "rollouts in progress",
                tone: rollouts > 0 ? "active" : "calm")
        }
    }

    private static func tile(_ count: Int, _ one: String, _ link: Link, many: String? = nil, tone: String) -> HTML {
        li(.class("tile \(tone)")) {
            a(.href(link)) {
                span(.class("tile-number"), text: NumberText.count(count))
                " "
                span(.class("tile-text"), text: count == 1 ? one : many ?? one + "s")
            }
        }
    }

    private var models: HTML {
        Card(id: "models", title: "Registered models", isLive: true).html {
            DataTable(
                caption: "Registered models",
                columns: [
                    .init("Model", .wide), .init("Champion"), .init("Versions", .number), .init("Newest version"),
                    .init("Waiting"), .init("Endpoint"),
                ],
                rows: rows.map { row in
                    [
                        Self.name(row),
                        row.champion.map { Reference.version(row.name, $0) } ?? span(.class("muted"), text: "none"),
                        .text(NumberText.count(row.versions)), Self.newest(row), Self.waiting(row), Self.endpoint(row),
                    ]
                }
            ).html
            paging.html(label: "Pages of models", first: .models, firstText: "First", nextText: "Next") {
                .models(after: $0)
            }
        }
    }

    private static func name(_ row: Row) -> HTML {
        .group([
            Reference.model(row.name),
            row.purpose.map { purpose in span(.class("sub muted")) { bdi(text: purpose) } } ?? .empty,
        ])
    }

    private static func newest(_ row: Row) -> HTML {
        guard let newest = row.newestVersion else { return span(.class("muted"), text: "none") }
        return .group([Reference.version(row.name, newest), " ", readiness(row.readiness)])
    }

    static func readiness(_ readiness: Row.Readiness) -> HTML {
        switch readiness {
        case .noPolicy: Badge(text: "no policy", tone: .warning, icon: .question).html
        case .ready(let count): Badge(text: "ready, \(count) of \(count)", tone: .good, icon: .check).html
        case .notReady(let met, let count): Badge(text: "\(met) of \(count) met", tone: .bad, icon: .cross).html
        case .unknown: Badge(text: "not evaluated", tone: .neutral, icon: .question).html
        }
    }

    /// Alerts that are open, and approvals that nobody has decided yet.
    private static func waiting(_ row: Row) -> HTML {
        guard row.openAlerts + row.pendingApprovals > 0 else { return span(.class("muted"), text: "nothing") }
        return span(.class("badges")) {
            if row.openAlerts > 0 {
                a(.href(.alerts)) {
                    Badge(text: NumberText.counted(row.openAlerts, "alert"), tone: .bad, icon: .exclamation).html
                }
            }
            if row.pendingApprovals > 0 {
                a(.href(.model(row.name))) {
                    Badge(text: NumberText.counted(row.pendingApprovals, "approval"), tone: .warning, icon: .question)
                        .html
                }
            }
        }
    }

    private static func endpoint(_ row: Row) -> HTML {
        guard let endpoint = row.endpoint else { return span(.class("muted"), text: "none") }
        let state =
            row.rollout.map(\.state).map(Badge.init)
            ?? (endpoint.champion == nil
                ? Badge(text: "no champion", tone: .warning, icon: .question)
                : Badge(text: "serving", tone: .good, icon: .check))
        return a(.href(.endpoint(endpoint.name))) { state.html }
    }
}
