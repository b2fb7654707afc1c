public import Domain

/// One model version: what it is, where it comes from, whether it is ready, who agreed.
public struct VersionPage: Page {
    /// What there is to say about readiness.
    public enum Readiness: Sendable, Hashable {
        case report(ReadinessReport)
        /// Why there is no report, as a sentence.
        case none(String)
    }

    public var record: VersionRecord
    public var run: RunRecord?
    public var preparation: VersionPreparation?
    public var readiness: Readiness
    public var approvals: [Approval]
    /// The policy version in force; nil where none governs.
    public var policyVersion: Int?
    /// What auditors ask for; nil where it was not gathered.
    public var entry: VersionEntry?
    /// Where it comes from and where it went; nil where it was not gathered.
    public var lineage: LineageGraph?

    /// Rows of the files' table; a version may have thousands.
    static let filesMax = 100

    public init(
        record: VersionRecord, run: RunRecord?, preparation: VersionPreparation?, readiness: Readiness,
        approvals: [Approval], policyVersion: Int? = nil
    ) {
        self.policyVersion = policyVersion
        self.record = record
        self.run = run
        self.preparation = preparation
        self.readiness = readiness
        self.approvals = approvals
    }

    public var title: String { "\(record.id.model), version \(record.id.version)" }
    public var section: Section? { .models }
    public var refreshSeconds: Int? { 10 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(
                title: title, trail: [("Models", .models), (record.id.model, .model(record.id.model))],
                lead: record.description.map { bdi(text: $0) } ?? .empty, badges: badges
            ).html,
            readinessCard(now: now), approvalsCard(now: now),
            entry.map { EntryCards(entry: $0).html(now: now) } ?? .empty,
            lineage.map { LineagePicture.card($0) } ?? .empty,
            div(.class("columns")) {
                runCard(now: now)
                preparationCard(now: now)
            },
            filesCard,
        ])
    }

    private var badges: [Badge] {
        var badges = record.aliases.sorted().map { Badge(text: "@\($0)", tone: .active, icon: .check) }
        if case .report(let report) = readiness {
            badges.append(
                report.isReady
                    ? Badge(text: "ready", tone: .good, icon: .check)
                    : Badge(text: "not ready", tone: .bad, icon: .cross))
        }
        return badges
    }

    private var commandArguments: String { "\(ShellWord.quoted(record.id.model)) \(record.id.version)" }

    private func readinessCard(now: Timestamp) -> HTML {
        switch readiness {
        case .none(let why):
            return Card(id: "readiness", title: "Readiness", isLive: true).html {
                EmptyState(text: why, commands: ["martlet readiness \(commandArguments)"]).html
            }
        case .report(let report):
            let met = report.rows.count { $0.status == .met }
            let note =
                "\(met) of \(report.rows.count) met, policy version \(report.policyVersion), evaluated "
                + TimeText.relative(report.time, now: now)
            return Card(id: "readiness", title: "Readiness", note: note, isLive: true).html {
                outdated(report)
                if report.rows.isEmpty {
                    EmptyState(text: "The policy demands nothing, so everything is met.").html
                } else {
                    readinessTable(report)
                }
            }
        }
    }

    /// A report is a moment's; what it was held against may have changed since.
    @HTMLBuilder private func outdated(_ report: ReadinessReport) -> HTML {
        if let policyVersion, policyVersion != report.policyVersion {
            div(.class("notice warning")) {
                p(text: "Policy version \(policyVersion) is in force since then. To evaluate anew:")
                pre(.class("command"), Attribute("tabindex", "0")) {
                    code(text: "martlet readiness \(commandArguments)")
                }
            }
        }
    }

    private func readinessTable(_ report: ReadinessReport) -> HTML {
        DataTable(
            caption: "Criteria of policy version \(report.policyVersion), each with its evidence",
            columns: [
                .init("Criterion"), .init("Threshold"), .init("Measured"), .init("Status"),
                .init("Written before?"), .init("Evidence", .wide),
            ],
            rows: report.rows.map { row in
                [
                    code { bdi(text: row.criterion) }, bdi(text: row.threshold),
                    row.measured.map { bdi(text: $0) } ?? span(.class("muted"), text: NumberText.none),
                    Badge(row.status).html, Self.writtenBefore(row.writtenBefore), bdi(text: row.evidence),
                ]
            }
        ).html
    }

    private static func writtenBefore(_ value: Bool?) -> HTML {
        switch value {
        case true: Badge(text: "before", tone: .neutral, icon: .check).html
        case false: Badge(text: "after the fact", tone: .warning, icon: .exclamation).html
        case nil: span(.class("muted"), text: NumberText.none)
        }
    }

    private func approvalsCard(now: Timestamp) -> HTML {
        Card(id: "approvals", title: "Approvals", isLive: true).html {
            if approvals.isEmpty {
                EmptyState(
                    text: "Nobody has asked for an approval of this version. Without one it cannot be rolled out.",
                    commands: ["martlet approval request \(commandArguments)"]
                ).html
            } else {
                ApprovalList.html(approvals, now: now)
            }
        }
    }

    private func runCard(now: Timestamp) -> HTML {
        Card(id: "run", title: "Origin").html { RunFacts(record: record, run: run).html(now: now) }
    }

    private func preparationCard(now: Timestamp) -> HTML {
        Card(id: "preparation", title: "Preparation", isLive: true).html {
            if let preparation {
                PreparationFacts(preparation: preparation).html(now: now)
            } else {
                EmptyState(text: "The server has not begun to prepare this version for serving.").html
            }
        }
    }

    private var filesCard: HTML {
        let total = record.files.reduce(Int64(0)) { $0 + $1.bytes }
        let note = "\(NumberText.counted(record.files.count, "file")), \(NumberText.bytes(total)); digests are SHA-256"
        return Card(id: "files", title: "Files", note: note).html {
            if record.files.isEmpty {
                EmptyState(text: "The version has no file.").html
            } else {
                DataTable(
                    caption: "Files of \(record.id) with their digests",
                    columns: [.init("Path", .wide), .init("Size", .number), .init("Digest")],
                    rows: record.files.prefix(Self.filesMax).map { file in
                        [
                            code { bdi(text: file.path) }, .text(NumberText.bytes(file.bytes)),
                            Reference.digest(file.digest),
                        ]
                    }
                ).html
                if record.files.count > Self.filesMax {
                    p(.class("muted"), text: "The first \(Self.filesMax) are shown.")
                }
            }
        }
    }
}
