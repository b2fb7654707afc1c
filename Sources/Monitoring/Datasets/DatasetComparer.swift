public import Domain
internal import Statistics

/// Compares two versions of a data set: schema, size, files, and how far the values of each column moved.
public enum DatasetComparer {
    /// The chance of an alarm over all columns together where nothing changed.
    static let significance = 0.05
    /// Bins of the index over ordered values, as for live traffic.
    static let indexBins = 10
    /// Categories with fewer expected rows are joined for chi-square (Cochran 1954).
    static let pooledBelow = 5.0

    /// - Parameters:
    ///   - from: the first version with what was counted of it.
    ///   - to: the second.
    public static func compare(
        _ from: (version: DatasetVersion, table: TableSketch), _ to: (version: DatasetVersion, table: TableSketch)
    ) -> DatasetComparison {
        let old = Dictionary(uniqueKeysWithValues: from.table.columns.map { ($0.name, $0) })
        let new = Dictionary(uniqueKeysWithValues: to.table.columns.map { ($0.name, $0) })
        let pairs = to.table.columns.compactMap { column in old[column.name].map { ($0, column) } }
        var drift = pairs.compactMap { Self.drift($0, $1) }
        let tested = drift.count { $0.pValue != nil }
        let threshold = significance / Double(max(1, tested))
        for index in drift.indices { drift[index].isSignificant = drift[index].pValue.map { $0 < threshold } ?? false }
        drift.sort { ($0.psi ?? -1, $1.name) > ($1.psi ?? -1, $0.name) }
        let oldFiles = Dictionary(uniqueKeysWithValues: from.version.files.map { ($0.path, $0.digest) })
        let newFiles = Dictionary(uniqueKeysWithValues: to.version.files.map { ($0.path, $0.digest) })
        return DatasetComparison(
            from: from.version.id, to: to.version.id, rowsFrom: from.version.rows, rowsTo: to.version.rows,
            bytesFrom: from.version.bytes, bytesTo: to.version.bytes,
            addedColumns: to.table.columns.filter { old[$0.name] == nil }.map { .init(name: $0.name, kind: $0.kind) },
            removedColumns: from.table.columns.filter { new[$0.name] == nil }.map {
                .init(name: $0.name, kind: $0.kind)
            },
            changedKinds: pairs.filter { $0.kind != $1.kind }.map {
                .init(name: $0.name, from: $0.kind, to: $1.kind)
            },
            drift: drift, significance: threshold,
            addedFiles: newFiles.keys.filter { oldFiles[$0] == nil }.sorted(),
            removedFiles: oldFiles.keys.filter { newFiles[$0] == nil }.sorted(),
            changedFiles: newFiles.compactMap { path, digest in
                oldFiles[path].flatMap { $0 == digest ? nil : path }
            }.sorted())
    }

    /// nil where the values of both are not of one order.
    private static func drift(_ from: ColumnSketch, _ to: ColumnSketch) -> DatasetComparison.Drift? {
        let kind = to.kind
        let found: (psi: Double?, test: String?, result: TestResult?)
        if areBothNumbers(from.kind, kind) || (from.kind == .timestamp && kind == .timestamp) {
            found = (
                ordered(from, to), "KS", KolmogorovSmirnov.test(from.quantiles, to.quantiles)
            )
        } else if from.kind.isOrdered != kind.isOrdered || from.kind == .empty || kind == .empty {
            return nil
        } else {
            found = categorical(from, to)
        }
        return DatasetComparison.Drift(
            name: to.name, kind: kind, psi: found.psi, test: found.result == nil ? nil : found.test,
            statistic: found.result?.statistic, pValue: found.result?.pValue, isSignificant: false,
            missingShareFrom: from.missingShare, missingShareTo: to.missingShare, meanFrom: from.mean(of: from.kind),
            meanTo: to.mean(of: kind))
    }

    private static func areBothNumbers(_ first: DatasetColumn.Kind, _ second: DatasetColumn.Kind) -> Bool {
        [DatasetColumn.Kind.integer, .number].contains(first) && [DatasetColumn.Kind.integer, .number].contains(second)
    }

    private static func ordered(_ from: ColumnSketch, _ to: ColumnSketch) -> Double? {
        var edges = HistogramBins(quantilesOf: from.quantiles, count: indexBins).edges
        // A constant has a bin for less, one for itself and one for more, or no change could ever be seen.
        if edges.isEmpty, from.quantiles.count > 0 {
            edges = HistogramBins(edges: [from.quantiles.minimum.nextDown, from.quantiles.maximum]).edges
        }
        return PopulationStability.index(reference: from.counts(upTo: edges), current: to.counts(upTo: edges))
    }

    /// Over the values that either side counted by name; all others together are one more.
    private static func categorical(
        _ from: ColumnSketch, _ to: ColumnSketch
    ) -> (psi: Double?, test: String?, result: TestResult?) {
        guard let old = from.categories, let new = to.categories, from.kind == .categorical || from.kind == .boolean
        else { return (nil, nil, nil) }
        let names = Set(old.counts.keys).union(new.counts.keys).sorted()
        let reference = names.map { old.counts[$0] ?? 0 } + [old.other]
        let current = names.map { new.counts[$0] ?? 0 } + [new.other]
        return (
            PopulationStability.index(reference: reference, current: current), "chi-square",
            ChiSquare.test(reference, current, poolingExpectedBelow: pooledBelow)
        )
    }
}
