public import Domain

/// One data set: its versions.
public struct DatasetPage: Page {
    public var name: String
    /// Newest first.
    public var versions: [DatasetVersion]
    public var paging: Paging<Int>

    public init(name: String, versions: [DatasetVersion], paging: Paging<Int> = Paging()) {
        self.name = name
        self.versions = versions
        self.paging = paging
    }

    public var title: String { name }
    public var section: Section? { .datasets }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: name, trail: [("Data", .datasets)]).html,
            Card(id: "versions", title: "Versions").html {
                DataTable(
                    caption: "Versions of \(name), newest first",
                    columns: [
                        .init("Version"), .init("Digest"), .init("Rows", .number), .init("Columns", .number),
                        .init("Size", .number), .init("Added"), .init("By"), .init("What changed"),
                        .init("Source", .wide),
                    ],
                    rows: versions.enumerated().map { row($0.element, at: $0.offset, now: now) }
                ).html
                paging.html(label: "Pages of versions", first: .dataset(name)) { .dataset(name, before: $0) }
            },
        ])
    }

    private func row(_ version: DatasetVersion, at index: Int, now: Timestamp) -> [HTML] {
        let earlier = versions.indices.contains(index + 1) ? versions[index + 1].id.number : nil
        return [
            a(.href(.datasetVersion(name, version.id.number)), text: "v\(version.id.number)"),
            Reference.digest(version.id.digest), .text(NumberText.count(version.rows)),
            .text(NumberText.count(version.columns.count)), .text(NumberText.bytes(version.bytes)),
            TimeText.ago(version.createdAt, now: now), bdi(text: version.createdByName),
            earlier.map {
                a(.href(.datasetDiff(name, from: $0, to: version.id.number)), text: "since v\($0)")
            } ?? span(.class("muted"), text: NumberText.none),
            bdi(text: version.source ?? NumberText.none),
        ]
    }
}
