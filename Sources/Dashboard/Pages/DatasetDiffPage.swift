public import Domain

/// What changed from one version of a data set to another.
public struct DatasetDiffPage: Page {
    static let rowsMax = 200

    public var comparison: DatasetComparison
    public init(comparison: DatasetComparison) {
        self.comparison = comparison
    }

    private var from: DatasetVersionID { comparison.from }
    private var to: DatasetVersionID { comparison.to }
    public var title: String { "\(to.name): version \(from.number) to \(to.number)" }
    public var section: Section? { .datasets }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, trail: [("Data", .datasets), (to.name, .dataset(to.name))]).html, summaryCard,
            driftCard,
        ])
    }

    private var summaryCard: HTML {
        var facts = Facts()
        facts.add("From", a(.href(.datasetVersion(from.name, from.number)), text: "version \(from.number)"))
        facts.add("To", a(.href(.datasetVersion(to.name, to.number)), text: "version \(to.number)"))
        facts.add(
            "Rows", text: "\(NumberText.count(comparison.rowsFrom)) → \(NumberText.count(comparison.rowsTo))")
        facts.add(
            "Size", text: "\(NumberText.bytes(comparison.bytesFrom)) → \(NumberText.bytes(comparison.bytesTo))")
        facts.add("Columns added", text: columns(comparison.addedColumns))
        facts.add("Columns removed", text: columns(comparison.removedColumns))
        facts.add(
            "Types changed",
            text: list(
                comparison.changedKinds.map { "\($0.name) (\($0.from.rawValue) → \($0.to.rawValue))" }))
        facts.add("Files added", text: list(comparison.addedFiles))
        facts.add("Files removed", text: list(comparison.removedFiles))
        facts.add("Files changed", text: list(comparison.changedFiles))
        return Card(id: "schema", title: "Schema, rows and files").html { facts.html }
    }

    private var driftCard: HTML {
        Card(
            id: "drift", title: "Drift by column",
            note: "largest first; significant is p < \(NumberText.significant(comparison.significance, figures: 2)), "
                + "0.05 over all columns tested"
        ).html {
            if comparison.drift.isEmpty {
                p(.class("muted"), text: "Both versions have no column with values that can be compared.")
            } else {
                DataTable(
                    caption: "Drift by column",
                    columns: [
                        .init("Column"), .init("Type"), .init("PSI", .number), .init("Finding"), .init("Test"),
                        .init("p", .number), .init("Missing", .number), .init("Mean", .number),
                    ],
                    rows: comparison.drift.prefix(Self.rowsMax).map(row)
                ).html
            }
        }
    }

    private func row(_ drift: DatasetComparison.Drift) -> [HTML] {
        [
            bdi(text: drift.name), .text(drift.kind.rawValue),
            .text(drift.psi.map { NumberText.significant($0, figures: 3) } ?? NumberText.none), finding(drift),
            .text(
                drift.test.map { "\($0) \(NumberText.significant(drift.statistic ?? 0, figures: 3))" }
                    ?? NumberText.none),
            .text(drift.pValue.map { NumberText.significant($0, figures: 2) } ?? NumberText.none),
            .text("\(NumberText.percent(drift.missingShareFrom)) → \(NumberText.percent(drift.missingShareTo))"),
            .text(
                drift.meanFrom == nil && drift.meanTo == nil
                    ? NumberText.none
                    : "\(ColumnText.value(drift.meanFrom, drift.kind)) → \(ColumnText.value(drift.meanTo, drift.kind))"),
        ]
    }

    /// In credit scoring 0.1 is read as a small and 0.2 as a large change.
    private func finding(_ drift: DatasetComparison.Drift) -> HTML {
        guard drift.test != nil else { return span(.class("muted"), text: "not compared") }
        guard drift.isSignificant else { return Badge(text: "no change seen", tone: .neutral, icon: .dash).html }
        switch drift.psi ?? 0 {
        case ..<0.1: return Badge(text: "small", tone: .neutral, icon: .check).html
        case ..<0.2: return Badge(text: "moderate", tone: .warning, icon: .exclamation).html
        default: return Badge(text: "large", tone: .bad, icon: .exclamation).html
        }
    }

    private func columns(_ columns: [DatasetComparison.Column]) -> String {
        list(columns.map { "\($0.name) (\($0.kind.rawValue))" })
    }

    private func list(_ items: [String]) -> String {
        guard !items.isEmpty else { return "none" }
        let rest = items.count > 20 ? " and \(items.count - 20) more" : ""
        return items.prefix(20).joined(separator: ", ") + rest
    }
}
