public import Domain

/// The history of one model, or how it stood at one moment.
public struct HistoryPage: Page {
    /// What is shown.
    public enum Content: Sendable, Hashable {
        /// Entries, newest first.
        case changes([RegistryChange], paging: Paging<Int64>)
        case moment(RegistryMoment)
        /// Why there is no answer, as a sentence.
        case failed(String)
    }

    public var model: String
    public var query: RegistryHistoryQuery
    /// As it was asked for; empty where no moment was.
    public var at: String
    public var shown: Content

    public init(model: String, query: RegistryHistoryQuery, at: String, content: Content) {
        self.model = model
        self.query = query
        self.at = at
        self.shown = content
    }

    public var title: String { "History of \(model)" }
    public var section: Section? { .models }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(
                title: title, trail: [("Models", .models), (model, .model(model))],
                lead: "Every name, text, tag, alias, version and stage, with who changed it and when."
            ).html,
            form, kinds, card(now: now),
        ])
    }

    private var form: HTML {
        Dashboard.form(
            .class("search card"), Attribute("method", "get"), .action(.history(model)), .role("search")
        ) {
            label(Attribute("for", "history-at"), text: "As it stood at")
            div(.class("search-row")) {
                input(
                    .type("search"), .id("history-at"), .name("at"), .value(at), Attribute("required", nil),
                    Attribute("placeholder", "2026-03-03"), Attribute("autocomplete", "off"),
                    Attribute("spellcheck", "false"))
                if let kind = query.kind { input(.type("hidden"), .name("kind"), .value(kind.rawValue)) }
                button(.type("submit"), text: "Show")
            }
            p(
                .class("muted"),
                text: "A date is the end of that day (UTC); a moment is written 2026-03-03T14:00:00Z.")
        }
    }

    private var kinds: HTML {
        nav(.class("pages"), .label("Kinds of entries")) {
            kindLink(nil, "Everything")
            for kind in RegistryChange.Kind.allCases { kindLink(kind, Self.word(kind)) }
        }
    }

    private func kindLink(_ kind: RegistryChange.Kind?, _ text: String) -> HTML {
        let current: [Attribute] = kind == query.kind ? [Attribute("aria-current", "true")] : []
        return a([.href(.history(model, kind: kind?.rawValue, at: at.isEmpty ? nil : at))] + current) {
            bdi(text: text)
        }
    }

    @HTMLBuilder private func card(now: Timestamp) -> HTML {
        switch shown {
        case .failed(let why):
            Card(id: "history", title: "No answer").html {
                p(.class("failure"), .role("alert")) {
                    Icon.exclamation.html
                    bdi(text: why)
                }
            }
        case .moment(let moment):
            Card(id: "history", title: "As it stood", note: TimeText(moment.at).full + " UTC").html {
                if moment.name != model {
                    p {
                        "It was called "
                        bdi(text: moment.name)
                        " then."
                    }
                }
                if moment.items.isEmpty {
                    p(.class("muted"), text: "Nothing of this kind was set then.")
                } else {
                    table(moment.items, caption: "What stood at that moment", time: "Since (UTC)")
                }
            }
        case .changes(let changes, let paging):
            Card(id: "history", title: "Changes").html {
                if changes.isEmpty {
                    p(.class("muted"), text: "Nothing of this kind was changed.")
                } else {
                    table(changes, caption: "Changes of \(model), newest first", time: "Time (UTC)")
                    paging.html(label: "Pages of changes", first: .history(model, kind: query.kind?.rawValue)) {
                        .history(model, kind: query.kind?.rawValue, before: $0)
                    }
                }
            }
        }
    }

    private func table(_ changes: [RegistryChange], caption: String, time: String) -> HTML {
        DataTable(
            caption: caption,
            columns: [.init(time), .init("Who"), .init("What"), .init("Now", .wide), .init("Before", .wide)],
            rows: changes.map { change in
                [
                    TimeText.exact(change.time), who(change), what(change), value(change.value),
                    value(change.previous),
                ]
            }
        ).html
    }

    private func who(_ change: RegistryChange) -> HTML {
        switch change.origin {
        case .change: bdi(text: change.actorName)
        case .migration: span(.class("muted"), text: "stood so when the history began")
        case .import:
            .group([bdi(text: change.actorName), span(.class("sub muted"), text: " by import")])
        }
    }

    private func what(_ change: RegistryChange) -> HTML {
        let version = change.version.map { " of v\($0)" } ?? ""
        let key = change.key.isEmpty ? "" : " "
        let code = change.key.isEmpty ? HTML.empty : code { bdi(text: change.key) }
        return .group([.text(Self.word(change.kind) + key), code, .text(version)])
    }

    private func value(_ value: String?) -> HTML {
        value.map { bdi(text: Self.cut($0)) } ?? span(.class("muted"), text: NumberText.none)
    }

    /// Longer values are cut here; the API has the whole.
    private static let valueCharactersMax = 300

    private static func cut(_ text: String) -> String {
        text.count > valueCharactersMax ? text.prefix(valueCharactersMax) + "…" : text
    }

    private static func word(_ kind: RegistryChange.Kind) -> String {
        switch kind {
        case .name: "name"
        case .description: "description"
        case .tag: "tag"
        case .alias: "alias"
        case .version: "version"
        case .versionDescription: "version description"
        case .versionTag: "version tag"
        case .stage: "stage"
        }
    }
}
