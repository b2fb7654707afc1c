public import Domain
import Logging

/// Builds the reference profile of a version from the training data logged with its run.
///
/// `mlflow.log_input` sends only a data set's name, digest and schema, so the rows come from a CSV artifact of the run: the
/// one that the run's tag `martlet.reference` names, else `reference.csv`.
public struct ReferenceProfiler: Sendable {
    public static let defaultArtifact = "reference.csv"
    public static let artifactTag = VersionTag.reference
    /// A larger reference adds nothing to the bins: 64 MiB is a million rows of ten columns.
    public static let bytesMax = 64 << 20
    /// Rows that count; the rest of a longer file is left out, and the detail says so.
    public static let rowsMax = 500_000
    /// Fewer rows give no picture to compare with.
    public static let rowsMin = 50
    /// Columns taken for the model's own predictions, in this order.
    public static let predictionNames = ["prediction", "predictions", "predicted"]
    /// Columns taken for the labels, in this order.
    public static let labelNames = ["label", "target", "y"]
    /// Rows parsed at a time.
    static let batchRows = 2_048

    private let registry: any RegistryReading
    private let artifacts: any ArtifactReading
    private let clock: any WallClock

    public init(registry: any RegistryReading, artifacts: any ArtifactReading, clock: any WallClock) {
        self.registry = registry
        self.artifacts = artifacts
        self.clock = clock
    }

    /// - Parameters:
    ///   - servable: the version, with its columns.
    ///   - task: decides whether predictions are classes or numbers; nil guesses from the data.
    /// - Returns: nil where the version has no run, or its run no such artifact.
    /// - Throws: `invalidArgument` where the artifact is there but cannot be used; the message says why.
    public func build(_ servable: ServableVersion, task: ModelTask?) async throws -> ReferenceProfile? {
        guard let runID = try await registry.versionRecord(servable.id).runID else { return nil }
        let run = try await registry.runRecord(runID)
        let named = run.tags[Self.artifactTag]
        let path = named ?? Self.defaultArtifact
        let bytes: [UInt8]
        do {
            bytes = try await artifacts.read(path, ofRun: runID, bytesMax: Self.bytesMax)
        } catch let error as MartletError where error.code == .notFound {
            if let named {
                throw MartletError.invalid(
                    "The run's tag \(Self.artifactTag) names \(named), which the run does not have.")
            }
            return nil
        }
        return try Self.profile(bytes, path: path, servable: servable, task: task, now: clock.now())
    }

    /// The pure part.
    static func profile(
        _ bytes: [UInt8], path: String, servable: ServableVersion, task: ModelTask?, now: Timestamp
    ) throws -> ReferenceProfile {
        var lines = CSVReader(bytes).makeIterator()
        guard let header = lines.next() else {
            throw lines.failure ?? MartletError.invalid("The reference \(path) is empty.")
        }
        let layout = try ReferenceLayout(header: header, path: path, servable: servable)
        let kind = layout.prediction.map { predictionKind(bytes, column: $0.index, task: task) }
        var left = 0
        let profile = try ProfileBuilder.build(
            columns: layout.features.map { ($0.name, $0.kind) },
            prediction: kind.map { (servable.predictionOutput, $0) },
            batches: { left = try forEachBatch(bytes, layout: layout, predictionKind: kind, $0) })
        guard profile.rows >= rowsMin else {
            throw MartletError.invalid("The reference \(path) has \(profile.rows) rows; \(rowsMin) are needed.")
        }
        var detail = "\(profile.rows) rows of \(path)" + layout.note
        if left > 0 { detail += "; \(left) rows beyond \(rowsMax) left out" }
        let origin = layout.prediction.map { $0.isLabel ? ReferenceProfile.PredictionOrigin.labels : .predictions }
        return ReferenceProfile(
            version: servable.id, origin: .trainingData, predictionOrigin: origin, detail: detail + ".",
            profile: profile, builtAt: now)
    }

    /// - Returns: rows left out for the bound.
    private static func forEachBatch(
        _ bytes: [UInt8], layout: ReferenceLayout, predictionKind: FeatureColumn.Kind?,
        _ body: (ProfileBuilder.Batch) -> Void
    ) throws -> Int {
        var lines = CSVReader(bytes).makeIterator()
        _ = lines.next()
        var rows: [[String]] = []
        var total = 0
        var left = 0
        while let row = lines.next() {
            guard total < rowsMax else {
                left += 1
                continue
            }
            total += 1
            rows.append(row)
            if rows.count == batchRows {
                body(layout.batch(rows, predictionKind: predictionKind))
                rows.removeAll(keepingCapacity: true)
            }
        }
        if let failure = lines.failure { throw failure }
        if !rows.isEmpty { body(layout.batch(rows, predictionKind: predictionKind)) }
        return left
    }

    /// Classes are categories whatever they are written as; without a task, few distinct values are taken for classes.
    private static func predictionKind(_ bytes: [UInt8], column: Int, task: ModelTask?) -> FeatureColumn.Kind {
        if let task { return task == .regression ? .numeric : .categorical }
        var distinct: Set<String> = []
        for row in CSVReader(bytes).dropFirst() where row.indices.contains(column) {
            guard Double(row[column]) != nil else { return .categorical }
            distinct.insert(row[column])
            if distinct.count > ColumnSurvey.distinctNumbersMax { return .numeric }
        }
        return .categorical
    }
}
