public import Domain

/// The audit chain, newest link first, a page at a time.
public struct AuditPage: Page {
    /// Links a page: a page stays small, and one read of the chain short.
    public static let eventsMax = 50

    /// Newest first.
    public var events: [AuditEvent]
    /// Whether there are older ones.
    public var hasOlder: Bool
    /// Whether this is the newest page.
    public var isNewest: Bool

    public init(events: [AuditEvent], hasOlder: Bool, isNewest: Bool) {
        self.events = events
        self.hasOlder = hasOlder
        self.isNewest = isNewest
    }

    public var title: String { "Audit" }
    public var section: Section? { .audit }
    public var refreshSeconds: Int? { isNewest ? 10 : nil }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(
                title: title,
                lead: .text(
                    "Every governing change, in a chain: each link's hash covers the link before, so none can be changed or "
                        + "left out unseen.")
            ).html,
            Card(id: "audit", title: "Events", isLive: true).html {
                if events.isEmpty {
                    EmptyState(
                        text: "Nothing has been changed yet. The first link will be the first governing change, say:",
                        commands: ["martlet policy apply martlet.yaml"]
                    ).html
                } else {
                    table
                    pages
                    details {
                        summary(text: "Check the chain yourself")
                        pre(.class("command"), Attribute("tabindex", "0")) {
                            code(text: "martlet audit export audit.jsonl\nmartlet audit verify audit.jsonl")
                        }
                    }
                }
            },
        ])
    }

    private var table: HTML {
        DataTable(
            caption: "Audit events, newest first",
            columns: [
                .init("No.", .number), .init("Time (UTC)"), .init("Who"), .init("Action"), .init("Subject", .wide),
                .init("Change"), .init("Hash"),
            ],
            rows: events.map { event in
                [
                    .text(NumberText.count(event.sequence)), TimeText.exact(event.time), bdi(text: event.actorName),
                    code { bdi(text: event.action) }, bdi(text: event.subject), Self.change(event),
                    .group([
                        Reference.digest(event.hash),
                        span(.class("sub muted after")) {
                            "after "
                            Reference.digest(event.previousHash)
                        },
                    ]),
                ]
            }
        ).html
    }

    private static func change(_ event: AuditEvent) -> HTML {
        guard event.before != .null || event.after != .null else { return span(.class("muted"), text: NumberText.none) }
        return details {
            summary {
                "Show"
                span(.class("visually-hidden"), text: " the change of event \(event.sequence)")
            }
            h3(text: "Before")
            pre(.class("document"), Attribute("tabindex", "0")) { code(text: JSONText.indented(event.before)) }
            h3(text: "After")
            pre(.class("document"), Attribute("tabindex", "0")) { code(text: JSONText.indented(event.after)) }
        }
    }

    private var pages: HTML {
        nav(.class("pages"), .label("Pages")) {
            if !isNewest { a(.href(.audit), text: "Newest") }
            if hasOlder, let last = events.last {
                a(Attribute("rel", "next"), .href(.audit(before: last.sequence)), text: "Older")
            }
        }
    }
}
