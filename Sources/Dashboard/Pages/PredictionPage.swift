public import Domain

/// Search for a prediction by its id, and its trace.
public struct PredictionPage: Page {
    /// All that is known of one prediction.
    public struct Trace: Sendable, Hashable {
        public var endpoint: String
        public var origin: PredictionOrigin
        public var version: VersionRecord?
        public var run: RunRecord?
        public var approvals: [Approval]
        public var rolloutStep: String?
        /// As JSON text; nil where the policy did not keep it.
        public var input: String?
        public var output: String?
        public var runtime: String?
        public var feedback: [Feedback]
        public init(
            endpoint: String, origin: PredictionOrigin, version: VersionRecord?, run: RunRecord?, approvals: [Approval],
            rolloutStep: String?, input: String?, output: String?, runtime: String?, feedback: [Feedback]
        ) {
            self.endpoint = endpoint
            self.origin = origin
            self.version = version
            self.run = run
            self.approvals = approvals
            self.rolloutStep = rolloutStep
            self.input = input
            self.output = output
            self.runtime = runtime
            self.feedback = feedback
        }
    }

    /// What the search gave.
    public enum Outcome: Sendable, Hashable {
        case notAsked
        /// Why there is no trace, as a sentence.
        case failed(String)
        case found(Trace)
    }

    public var id: String
    public var outcome: Outcome
    public init(id: String = "", outcome: Outcome = .notAsked) {
        self.id = id
        self.outcome = outcome
    }

    public var title: String { "Predictions" }
    public var section: Section? { .predictions }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: "Which model, data and code made one answer, and who let it.").html,
            search, result(now: now),
        ])
    }

    private var search: HTML {
        form(.class("search card"), Attribute("method", "get"), .action(.predictions), .role("search")) {
            label(Attribute("for", "prediction-id"), text: "Prediction id")
            div(.class("search-row")) {
                input(
                    .type("search"), .id("prediction-id"), .name("id"), .value(id), Attribute("required", nil),
                    Attribute("autocomplete", "off"), Attribute("spellcheck", "false"))
                button(.type("submit"), text: "Trace")
            }
            p(
                .class("muted"),
                text: "Every answer carries its id: the member “id” of an Open Inference Protocol response.")
        }
    }

    @HTMLBuilder private func result(now: Timestamp) -> HTML {
        switch outcome {
        case .notAsked:
            Card(id: "trace", title: "From the command line").html {
                EmptyState(
                    text: "The same trace, and a recomputation of the answer:",
                    commands: ["martlet trace ID", "martlet replay ID"]
                ).html
            }
        case .failed(let why):
            Card(id: "trace", title: "No trace").html {
                p(.class("failure"), .role("alert")) {
                    Icon.exclamation.html
                    bdi(text: why)
                }
            }
        case .found(let trace):
            TraceCards(trace: trace).html(now: now)
        }
    }
}
