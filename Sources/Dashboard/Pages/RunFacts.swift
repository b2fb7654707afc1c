import Domain

/// Where a version comes from: author, run, data, code.
struct RunFacts {
    /// Metrics and parameters shown; the rest is in the tracking API.
    static let rowsMax = 60

    var record: VersionRecord
    var run: RunRecord?

    func html(now: Timestamp) -> HTML {
        var facts = Facts()
        facts.add(
            "Registered",
            .group([TimeText.ago(record.createdAt, now: now), .text(" by "), bdi(text: record.createdByName)]))
        facts.add("Source", code { bdi(text: record.source) })
        if let run {
            facts.add("Run", .group([bdi(text: run.name), .text(" "), code(.class("digest"), text: run.id)]))
            facts.add("Run state", text: run.status.lowercased())
            facts.add(
                "Started", .group([TimeText.ago(run.startedAt, now: now), .text(" by "), bdi(text: run.createdByName)]))
            facts.add(
                "Code", run.codeCommit.map { Reference.digest($0) } ?? span(.class("muted"), text: "no commit logged"))
            for dataset in run.datasets.prefix(Self.rowsMax) {
                facts.add(
                    dataset.context.map { "Data (\($0))" } ?? "Data",
                    .group([bdi(text: dataset.name), .text(" "), code(.class("digest"), text: dataset.digest)]))
            }
        } else {
            facts.add("Run", span(.class("muted"), text: "registered without one"))
        }
        return .group([facts.html, run.map(metrics) ?? .empty, run.map(params) ?? .empty, tags])
    }

    private func metrics(_ run: RunRecord) -> HTML {
        guard !run.metrics.isEmpty else { return .empty }
        let rows = run.metrics.sorted { ($0.key, $0.datasetName ?? "") < ($1.key, $1.datasetName ?? "") }
        return details {
            summary(text: "Metrics (\(run.metrics.count))")
            DataTable(
                caption: "Metrics of the run", columns: [.init("Metric"), .init("Value", .number), .init("Dataset")],
                rows: rows.prefix(Self.rowsMax).map {
                    [
                        bdi(text: $0.key), .text(NumberText.significant($0.value, figures: 6)),
                        bdi(text: $0.datasetName ?? NumberText.none),
                    ]
                }
            ).html
            Self.cut(rows.count)
        }
    }

    private static func cut(_ count: Int) -> HTML {
        count > rowsMax ? p(.class("muted"), text: "The first \(rowsMax) are shown.") : .empty
    }

    private func params(_ run: RunRecord) -> HTML {
        pairs("Parameters", run.params)
    }

    private var tags: HTML {
        pairs("Tags of the version", record.tags)
    }

    private func pairs(_ name: String, _ values: [String: String]) -> HTML {
        guard !values.isEmpty else { return .empty }
        return details {
            summary(text: "\(name) (\(values.count))")
            DataTable(
                caption: name, columns: [.init("Name"), .init("Value", .wide)],
                rows: values.sorted { $0.key < $1.key }.prefix(Self.rowsMax).map {
                    [bdi(text: $0.key), bdi(text: $0.value)]
                }
            ).html
            Self.cut(values.count)
        }
    }
}
