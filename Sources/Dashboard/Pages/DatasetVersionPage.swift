public import Domain

/// One version of a data set: schema, profile, files, the runs that used it and what came of them.
public struct DatasetVersionPage: Page {
    /// Rows of the tables; the API has the rest.
    static let rowsMax = 200

    public var version: DatasetVersion
    public var uses: [DatasetUse]
    /// nil where it was not gathered.
    public var lineage: LineageGraph?
    /// The version before, by number; nil for the first.
    public var previous: Int?

    public init(version: DatasetVersion, uses: [DatasetUse], lineage: LineageGraph?, previous: Int?) {
        self.version = version
        self.uses = uses
        self.lineage = lineage
        self.previous = previous
    }

    private var id: DatasetVersionID { version.id }
    public var title: String { "\(id.name), version \(id.number)" }
    public var section: Section? { .datasets }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, trail: [("Data", .datasets), (id.name, .dataset(id.name))]).html,
            facts(now: now), columnsCard, lineage.map { LineagePicture.card($0) } ?? .empty, usesCard, filesCard,
        ])
    }

    private func facts(now: Timestamp) -> HTML {
        var facts = Facts()
        facts.add("Rows", text: NumberText.count(version.rows))
        facts.add("Columns", text: NumberText.count(version.columns.count))
        facts.add("Size", text: NumberText.bytes(version.bytes))
        facts.add("Digest", code(.class("digest"), text: id.digest))
        facts.add("In a run", code(.class("digest"), text: "digest=\"\(id.runDigest)\""))
        facts.add(
            "Added",
            .group([TimeText.ago(version.createdAt, now: now), .text(" by "), bdi(text: version.createdByName)]))
        facts.add("Source", text: version.source)
        if let previous {
            facts.add(
                "What changed",
                a(.href(.datasetDiff(id.name, from: previous, to: id.number)), text: "since version \(previous)"))
        }
        return Card(id: "version", title: "Version").html { facts.html }
    }

    private var columnsCard: HTML {
        Card(
            id: "columns", title: "Schema and profile",
            note: "quantiles and bars within 1.33 % of rank; ~ is an estimate"
        ).html {
            DataTable(
                caption: "Columns of \(title)",
                columns: [
                    .init("Column"), .init("Type"), .init("Distribution"), .init("Missing", .number),
                    .init("Distinct", .number), .init("Least to greatest"), .init("Mean"), .init("Most frequent"),
                ],
                rows: version.columns.prefix(Self.rowsMax).map(row)
            ).html
            if version.columns.count > Self.rowsMax {
                p(.class("muted"), text: "The first \(Self.rowsMax) columns are shown.")
            }
        }
    }

    private func row(_ column: DatasetColumn) -> [HTML] {
        let top = column.kind.isOrdered ? [] : column.top.prefix(3)
        return [
            bdi(text: column.name), .text(column.kind.rawValue), ColumnBars(column: column).html,
            .text(column.missing == 0 ? "0" : NumberText.percent(column.missingShare)),
            .text((column.isDistinctExact ? "" : "~") + NumberText.count(column.distinct)),
            .text(
                column.minimum == nil
                    ? NumberText.none
                    : "\(ColumnText.value(column.minimum, column.kind)) to \(ColumnText.value(column.maximum, column.kind))"
            ),
            .text(ColumnText.value(column.mean, column.kind)),
            bdi(
                text: top.isEmpty
                    ? NumberText.none
                    : top.map { "\($0.value.prefix(40)) (\(NumberText.count($0.count)))" }.joined(separator: ", ")),
        ]
    }

    private var usesCard: HTML {
        Card(id: "uses", title: "Used by").html {
            if uses.isEmpty {
                EmptyState(text: "No run has logged this version. In Python, a run names it by its digest:").html
                pre(.class("command"), Attribute("tabindex", "0")) {
                    code(
                        text:
                            "dataset = mlflow.data.from_pandas(frame, name=\"\(id.name)\", digest=\"\(id.runDigest)\")\n"
                            + "mlflow.log_input(dataset, context=\"training\")")
                }
            } else {
                DataTable(
                    caption: "Runs that used \(title)", columns: [.init("Run"), .init("For"), .init("Id", .wide)],
                    rows: uses.prefix(Self.rowsMax).map { use in
                        [
                            a(.href(.lineage(LineageReference.run(use.runID).description))) { bdi(text: use.runName) },
                            bdi(text: use.context ?? NumberText.none), code(.class("digest"), text: use.runID),
                        ]
                    }
                ).html
            }
        }
    }

    private var filesCard: HTML {
        Card(
            id: "files", title: "Files",
            note: "\(NumberText.counted(version.files.count, "file")); digests are SHA-256"
        ).html {
            DataTable(
                caption: "Files of \(title)",
                columns: [
                    .init("Path", .wide), .init("Format"), .init("Rows", .number), .init("Size", .number),
                    .init("Digest"),
                ],
                rows: version.files.prefix(Self.rowsMax).map { file in
                    [
                        code { bdi(text: file.path) }, .text(file.format.rawValue), .text(NumberText.count(file.rows)),
                        .text(NumberText.bytes(file.bytes)), Reference.digest(file.digest),
                    ]
                }
            ).html
            if version.files.count > Self.rowsMax {
                p(.class("muted"), text: "The first \(Self.rowsMax) are shown.")
            }
        }
    }
}
