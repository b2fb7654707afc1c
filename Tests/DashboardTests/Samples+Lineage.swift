import Dashboard
import Domain

extension Samples {
    static let datasetID = DatasetVersionID(name: "sample-plants", number: 3, digest: digest)

    private static var bars: [Int] {
        (0..<20).map { (bar: Int) -> Int in
            let hill: Int = bar < 10 ? bar : 20 - bar
            return 200 + (bar * 7919) % 1300 + hill * 380
        }
    }

    static func column(_ name: String, _ kind: DatasetColumn.Kind, missing: Int = 0) -> DatasetColumn {
        var column = DatasetColumn(
            name: name, kind: kind, present: 48_000 - missing, missing: missing, distinct: 41_200,
            isDistinctExact: false)
        switch kind {
        case .number, .integer, .timestamp:
            let base = kind == .timestamp ? Double(now.milliseconds) : 20
            let step = kind == .timestamp ? 3_600_000.0 * 24 : 4.5
            column.minimum = base
            column.maximum = base + 20 * step
            column.mean = base + 8.4 * step
            column.standardDeviation = step * 3
            column.quantiles = [0.05, 0.5, 0.95].map { .init(share: $0, value: base + 20 * step * $0) }
            let edges = (0...20).map { (edge: Int) -> Double in base + Double(edge) * step }
            column.histogram = DatasetColumn.Histogram(edges: edges, counts: bars)
        case .categorical, .boolean:
            column.distinct = 3
            column.isDistinctExact = true
            column.top = [.init(value: "north", count: 30_000), .init(value: "south", count: 17_000)]
            column.other = 1_000
        default: break
        }
        return column
    }

    static var datasetVersion: DatasetVersion {
        DatasetVersion(
            id: datasetID, createdAt: ago(90_000), createdBy: author, createdByName: "sample-author",
            source: "/srv/plants/2026-11.csv",
            files: [.init(path: "data.csv", digest: digest, bytes: 4_812_220, format: .csv, rows: 48_000)],
            rows: 48_000,
            columns: [
                column("vibration_mm_s", .number, missing: 120), column("temperature", .integer),
                column("measured_at", .timestamp), column("plant", .categorical),
                column("note", .text, missing: 41_000),
                column("spare", .empty, missing: 48_000),
            ])
    }

    static var comparison: DatasetComparison {
        func drift(_ name: String, _ psi: Double, _ test: String?, _ isSignificant: Bool) -> DatasetComparison.Drift {
            .init(
                name: name, kind: .number, psi: psi, test: test, statistic: test.map { _ in 0.21 },
                pValue: test.map { _ in isSignificant ? 1e-9 : 0.4 }, isSignificant: isSignificant,
                missingShareFrom: 0.01,
                missingShareTo: 0.04, meanFrom: 4.2, meanTo: 5.1)
        }
        var before = datasetID
        before.number = 2
        return DatasetComparison(
            from: before, to: datasetID, rowsFrom: 44_000, rowsTo: 48_000, bytesFrom: 4_400_000, bytesTo: 4_812_220,
            addedColumns: [.init(name: "spare", kind: .empty)], removedColumns: [],
            changedKinds: [.init(name: "temperature", from: .number, to: .integer)],
            drift: [
                drift("vibration_mm_s", 0.31, "KS", true), drift("plant", 0.14, "chi-square", true),
                drift("temperature", 0.01, "KS", false), drift("note", 0, nil, false),
            ], significance: 0.05 / 3, addedFiles: [], removedFiles: [], changedFiles: ["data.csv"])
    }

    static var lineage: LineageGraph {
        let data = LineageNode(
            id: "dataset:sample-plants@\(digest)", kind: .dataset, label: "sample-plants, version 3",
            facts: ["rows": "48000", "digest": digest], dataset: datasetID)
        let elsewhere = LineageNode(
            id: "dataset:sample-weather@12345678", kind: .dataset, label: "sample-weather",
            facts: ["digest": "12345678"])
        let run = LineageNode(
            id: "run:a1b2", kind: .run, label: "sample-run-7",
            facts: ["training code": digest, "param max_depth": "12"])
        let version = LineageNode(
            id: "model:\(model)/3", kind: .model, label: "\(model), version 3", facts: ["aliases": "candidate"])
        let endpoint = LineageNode(id: "endpoint:\(model)", kind: .endpoint, label: model)
        let predictions = (0..<14).map {
            LineageNode(
                id: "prediction:sample-\($0)", kind: .prediction, label: "answered 2026-11-20T14:0\($0 % 10):00Z",
                facts: ["version": "3"])
        }
        return LineageGraph(
            root: version.id, direction: .both, depth: 10,
            nodes: [version, run, data, elsewhere, endpoint] + predictions,
            edges: [
                LineageEdge(from: data.id, to: run.id, label: "training"),
                LineageEdge(from: elsewhere.id, to: run.id, label: "validation"),
                LineageEdge(from: run.id, to: version.id, label: "made"),
                LineageEdge(from: version.id, to: endpoint.id, label: "candidate 10 %"),
            ] + predictions.map { LineageEdge(from: endpoint.id, to: $0.id, label: "answered") },
            cut: ["Sample: only the newest 14 predictions are here."])
    }

    static var entry: VersionEntry {
        var entry = VersionEntry(
            id: ModelVersionID(model: model, version: 3), registeredAt: ago(40_000), registeredBy: "sample-author",
            aliases: ["candidate"], runID: "a1b2")
        entry.trainedAt = ago(39_000)
        entry.owner = .init("sample-owner", source: "policy version 2")
        entry.responsibleTeam = .init("sample-team", source: "policy version 2")
        entry.data = [
            .init(
                name: "sample-plants", digest: datasetID.runDigest, context: "training", sourceType: "local",
                version: datasetID),
            .init(
                name: "sample-weather", digest: "12345678", context: "validation", sourceType: "http", version: nil),
        ]
        entry.training = .init(
            commit: String(digest.prefix(40)), repository: "git@git.example.org:sample/pumps.git", branch: "main",
            source: "run tag mlflow.source.git.commit")
        entry.hyperparameters = ["max_depth": "12"]
        entry.evaluations = [
            .init(
                dataset: "validation", digest: "d41d8cd9",
                metrics: [.init(name: "recall", value: 0.8312, loggedAt: ago(39_500))])
        ]
        entry.status = .onTrial
        entry.production = [
            .init(kind: .trial, from: ago(260), to: nil, rolloutID: 7, detail: "Rollout 7 is on step 2.")
        ]
        entry.previousVersion = 2
        entry.replacedVersion = nil
        entry.knownLimitations = [.init("Sample limitation: trained on one plant only.", source: "policy version 2")]
        entry.approvals = [approval]
        entry.gaps = [
            .init(
                field: "feature_engineering", reason: "No commit of the feature-engineering code was logged.",
                remedy: "Set the run's tag martlet.feature_engineering.commit."),
            .init(
                field: "approvals", reason: "Nobody has asked for an approval.",
                remedy: "martlet approval request \(model) 3"),
        ]
        return entry
    }
}
