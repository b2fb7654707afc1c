public import Domain

/// The lineage of one thing, found by its reference.
public struct LineagePage: Page {
    /// What the search gave.
    public enum Outcome: Sendable, Hashable {
        case notAsked
        /// Why there is none, as a sentence.
        case failed(String)
        case found(LineageGraph)
    }

    public var reference: String
    public var outcome: Outcome

    public init(reference: String = "", outcome: Outcome = .notAsked) {
        self.reference = reference
        self.outcome = outcome
    }

    public var title: String { "Lineage" }
    public var section: Section? { .lineage }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: "What a thing comes from, and what came of it.").html, search, result,
        ])
    }

    private var search: HTML {
        form(.class("search card"), Attribute("method", "get"), .action(.lineage), .role("search")) {
            label(Attribute("for", "lineage-of"), text: "Of what")
            div(.class("search-row")) {
                input(
                    .type("search"), .id("lineage-of"), .name("of"), .value(reference), Attribute("required", nil),
                    Attribute("autocomplete", "off"), Attribute("spellcheck", "false"))
                button(.type("submit"), text: "Show")
            }
            p(
                .class("muted"),
                text: "dataset:NAME@VERSION, run:ID, model:NAME/VERSION, endpoint:NAME or prediction:ID"
            )
        }
    }

    @HTMLBuilder private var result: HTML {
        switch outcome {
        case .notAsked:
            Card(id: "lineage", title: "From the command line").html {
                EmptyState(
                    text: "The same, as a table or as JSON:",
                    commands: ["martlet lineage model:NAME/1 --upstream", "martlet lineage endpoint:NAME"]
                ).html
            }
        case .failed(let why):
            Card(id: "lineage", title: "Nothing found").html {
                p(.class("failure"), .role("alert")) {
                    Icon.exclamation.html
                    bdi(text: why)
                }
            }
        case .found(let graph):
            Card(
                id: "lineage", title: graph.nodes.first { $0.id == graph.root }?.label ?? graph.root,
                note: "\(NumberText.counted(graph.nodes.count, "thing")), data on the left, predictions on the right"
            ).html { LineagePicture(graph: graph).html }
        }
    }
}
