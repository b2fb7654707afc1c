public import Domain

/// All data sets.
public struct DatasetsPage: Page {
    public var datasets: [DatasetOverview]
    public var paging: Paging<String>

    public init(datasets: [DatasetOverview], paging: Paging<String> = Paging()) {
        self.datasets = datasets
        self.paging = paging
    }

    public var title: String { "Data" }
    public var section: Section? { .datasets }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: "Data sets as versions, named by their content.").html,
            Card(id: "datasets", title: "Data sets").html {
                if datasets.isEmpty, paging.isFirst {
                    EmptyState(
                        text: "No data set is kept yet. Add the data that models are trained on:",
                        commands: ["martlet data add NAME FILE"]
                    ).html
                } else {
                    DataTable(
                        caption: "Data sets by name",
                        columns: [
                            .init("Data set"), .init("Newest"), .init("Versions", .number), .init("Rows", .number),
                            .init("Columns", .number), .init("Size", .number), .init("Added"), .init("By"),
                        ],
                        rows: datasets.map { row($0, now: now) }
                    ).html
                    paging.html(
                        label: "Pages of data sets", first: .datasets, firstText: "First", nextText: "Next"
                    ) { .datasets(after: $0) }
                }
            },
        ])
    }

    private func row(_ dataset: DatasetOverview, now: Timestamp) -> [HTML] {
        [
            a(.href(.dataset(dataset.name))) { bdi(text: dataset.name) },
            .group([
                a(.href(.datasetVersion(dataset.name, dataset.newest.number)), text: "v\(dataset.newest.number)"),
                .text(" "), Reference.digest(dataset.newest.digest),
            ]),
            .text(NumberText.count(dataset.versions)), .text(NumberText.count(dataset.rows)),
            .text(NumberText.count(dataset.columns)), .text(NumberText.bytes(dataset.bytes)),
            TimeText.ago(dataset.createdAt, now: now), bdi(text: dataset.createdByName),
        ]
    }
}
