import Domain

/// The full entry of a version, with what is not known said as plainly as what is.
struct EntryCards {
    /// Rows of each table; the Markdown document and the API have the rest.
    static let rowsMax = 100

    var entry: VersionEntry

    func html(now: Timestamp) -> HTML {
        .group([
            entryCard(now: now),
            div(.class("columns")) {
                metricsCard; productionCard(now: now)
            }, gapsCard,
        ])
    }

    private func entryCard(now: Timestamp) -> HTML {
        Card(id: "entry", title: "Entry").html {
            facts(now: now)
            p {
                a(.href(.versionMarkdown(entry.id.model, entry.id.version)), text: "The whole entry as Markdown")
            }
        }
    }

    private func facts(now: Timestamp) -> HTML {
        var facts = Facts()
        facts.add("Training date", entry.trainedAt.map { TimeText.exact($0) } ?? Self.unknown)
        facts.add("Responsible team", Self.fact(entry.responsibleTeam))
        facts.add("Owner", Self.fact(entry.owner))
        facts.add("Data", data)
        facts.add("Feature-engineering code", Self.commit(entry.featureEngineering))
        facts.add("Training code", Self.commit(entry.training))
        facts.add("Previous version", version(entry.previousVersion))
        facts.add("Replaced as champion", version(entry.replacedVersion))
        facts.add("Known limitations", Self.texts(entry.knownLimitations))
        facts.add("Notes", Self.texts(entry.notes))
        return facts.html
    }

    private var data: HTML {
        guard !entry.data.isEmpty else { return Self.unknown }
        return ul(.class("plain")) {
            for data in entry.data.prefix(Self.rowsMax) {
                li {
                    if let version = data.version {
                        a(.href(.datasetVersion(version.name, version.number))) {
                            bdi(text: "\(data.name), version \(version.number)")
                        }
                    } else {
                        bdi(text: data.name)
                    }
                    " "
                    Reference.digest(data.digest)
                    span(.class("muted"), text: data.context.map { " \($0)" } ?? "")
                }
            }
        }
    }

    private var metricsCard: HTML {
        Card(id: "evaluations", title: "Metrics by data set").html {
            if entry.evaluations.isEmpty {
                Self.unknown
            } else {
                DataTable(
                    caption: "Metrics by data set",
                    columns: [.init("Data set"), .init("Metric"), .init("Value", .number)],
                    rows: entry.evaluations.flatMap { evaluation in
                        evaluation.metrics.map { metric in
                            [
                                evaluation.dataset.map { bdi(text: $0) }
                                    ?? span(.class("muted"), text: "none named"),
                                bdi(text: metric.name), .text(NumberText.significant(metric.value, figures: 6)),
                            ]
                        }
                    }.prefix(Self.rowsMax).map { $0 }
                ).html
            }
        }
    }

    private func productionCard(now: Timestamp) -> HTML {
        Card(id: "production", title: "In production").html {
            p { Badge(entry.status).html }
            if !entry.production.isEmpty {
                DataTable(
                    caption: "Times behind the endpoint, oldest first",
                    columns: [.init("As"), .init("From (UTC)"), .init("To (UTC)"), .init("What happened")],
                    rows: entry.production.suffix(Self.rowsMax).map { period in
                        [
                            .text(period.kind.rawValue), TimeText.exact(period.from),
                            period.to.map { TimeText.exact($0) } ?? span(.class("muted"), text: "until now"),
                            .group([
                                Reference.rollout(period.rolloutID), .text(" "), bdi(text: period.detail ?? ""),
                            ]),
                        ]
                    }
                ).html
            }
        }
    }

    @HTMLBuilder private var gapsCard: HTML {
        if !entry.gaps.isEmpty {
            Card(
                id: "gaps", title: "Not known",
                note: "\(NumberText.counted(entry.gaps.count, "gap")); nothing is filled in by guessing"
            ).html {
                DataTable(
                    caption: "What the entry does not tell, and what would fill it",
                    columns: [.init("Of the entry"), .init("Why"), .init("What would fill it", .wide)],
                    rows: entry.gaps.map { gap in
                        [
                            .text(gap.field.replacing("_", with: " ").replacing(".", with: ", ")),
                            bdi(text: gap.reason), bdi(text: gap.remedy),
                        ]
                    }
                ).html
            }
        }
    }

    private func version(_ number: Int?) -> HTML {
        number.map { Reference.version(entry.id.model, $0) } ?? span(.class("muted"), text: "none")
    }

    private static var unknown: HTML { span(.class("muted"), text: "not known") }

    private static func fact(_ fact: VersionEntry.Fact?) -> HTML {
        guard let fact else { return unknown }
        return .group([bdi(text: fact.value), span(.class("muted sub"), text: fact.source)])
    }

    private static func texts(_ facts: [VersionEntry.Fact]) -> HTML {
        guard !facts.isEmpty else { return unknown }
        return ul(.class("plain")) { for item in facts.prefix(rowsMax) { li { fact(item) } } }
    }

    private static func commit(_ commit: VersionEntry.Commit?) -> HTML {
        guard let commit else { return unknown }
        let place = [commit.repository, commit.branch].compactMap { $0 }.joined(separator: ", ")
        return .group([
            Reference.digest(commit.commit), .text(place.isEmpty ? "" : " of "), bdi(text: place),
            span(.class("muted sub"), text: commit.source),
        ])
    }
}

extension Badge {
    init(_ status: VersionEntry.ProductionStatus) {
        switch status {
        case .neverServed: self.init(text: "never behind an endpoint", tone: .neutral, icon: .dash)
        case .onTrial: self.init(text: "on trial", tone: .active, icon: .play)
        case .inProduction: self.init(text: "in production", tone: .good, icon: .check)
        case .replaced: self.init(text: "replaced", tone: .neutral, icon: .back)
        case .rolledBack: self.init(text: "rolled back", tone: .bad, icon: .back)
        }
    }
}
