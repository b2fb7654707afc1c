public import Domain

/// Search for a prediction by its id, and its trace.
public struct PredictionPage: Page {
    /// What the search gave.
    public enum Outcome: Sendable, Hashable {
        case notAsked
        /// Why there is no trace, as a sentence.
        case failed(String)
        case found(PredictionTrace)
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
                text:
                    "Every answer carries its id: the parameter “prediction_id” of an Open Inference Protocol response."
            )
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
