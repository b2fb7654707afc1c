internal import Domain
internal import Statistics

extension ColumnSketch {
    /// Values that are shown by name.
    private static let topMax = 20
    /// Bars of a histogram.
    private static let barsMax = 20
    private static let shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

    /// What people and programs are shown of the column.
    var column: DatasetColumn {
        let kind = kind
        var column = DatasetColumn(
            name: name, kind: kind, present: present, missing: missing, distinct: distinctCount,
            isDistinctExact: isDistinctExact)
        if kind.isOrdered {
            column.minimum = quantiles.minimum
            column.maximum = quantiles.maximum
            column.mean = moments.mean
            column.standardDeviation = moments.standardDeviation
            column.quantiles = zip(Self.shares, quantiles.quantiles(Self.shares)).map {
                DatasetColumn.Quantile(share: $0, value: $1)
            }
            column.histogram = histogram
        }
        if let categories, !kind.isOrdered || isDistinctExact {
            let top = categories.top(Self.topMax)
            column.top = top.values.map { DatasetColumn.Category(value: $0.value, count: $0.count) }
            column.other = top.other
        }
        return column
    }

    private var histogram: DatasetColumn.Histogram? {
        let low = quantiles.minimum
        let high = quantiles.maximum
        guard quantiles.count > 0, high > low, (high - low).isFinite else { return nil }
        let width = (high - low) / Double(Self.barsMax)
        var edges = (0..<Self.barsMax).map { low + width * Double($0) }
        edges.append(high)
        return DatasetColumn.Histogram(edges: edges, counts: counts(upTo: Array(edges.dropFirst().dropLast())))
    }

    /// How many values lie in each of the bins (-∞, e₀], (e₀, e₁] … (eₙ₋₁, ∞), read off the sketch; they add up to all values.
    func counts(upTo edges: [Double]) -> [Int] {
        let sorted = quantiles.weightedValues
        let total = sorted.last?.cumulativeWeight ?? 0
        var counts: [Int] = []
        var below = 0
        var place = 0
        for edge in edges {
            while place < sorted.count, sorted[place].value <= edge { place += 1 }
            let weight = place == 0 ? 0 : sorted[place - 1].cumulativeWeight
            counts.append(weight - below)
            below = weight
        }
        return counts + [total - below]
    }
}
