import Domain
import Statistics

/// Counts the values of one column against the bins of its reference.
struct ColumnBinning: Sendable {
    private enum Kind: Sendable {
        case numeric(HistogramBins, minimum: Double, maximum: Double)
        case categorical([String: Int], otherBin: Int)
    }

    private let kind: Kind
    let binCount: Int

    init(_ reference: FeatureProfile) {
        binCount = reference.bins.count
        switch reference.bins {
        case .numeric(let edges):
            kind = .numeric(
                HistogramBins(edges: edges), minimum: reference.minimum ?? -.infinity,
                maximum: reference.maximum ?? .infinity)
        case .categorical(let categories):
            kind = .categorical(
                Dictionary(zip(categories, categories.indices), uniquingKeysWith: { first, _ in first }),
                otherBin: categories.count)
        }
    }

    /// Adds all values of the column.
    func count(_ values: Observation.ColumnValues, into column: inout PartialWindow.Column) {
        switch values {
        case .numeric(let numbers): count(numbers.span, into: &column)
        case .categorical(let texts):
            var moments = column.moments
            for text in texts { count(text, into: &column, &moments) }
            column.moments = moments
        }
    }

    /// Adds numbers; NaN is missing.
    func count(_ numbers: Span<Double>, into column: inout PartialWindow.Column) {
        guard !numbers.isEmpty else { return }
        var moments = column.moments
        switch kind {
        case .numeric(let bins, let minimum, let maximum):
            column.missing += bins.count(numbers, into: &column.counts)
            column.outOfRange += numbers.withUnsafeBufferPointer { numbers in
                numbers.reduce(0) { $0 + ($1 < minimum || $1 > maximum ? 1 : 0) }
            }
            moments.insert(contentsOf: numbers)
        case .categorical:
            for index in numbers.indices { count(numbers[index], into: &column, &moments) }
        }
        column.moments = moments
    }

    private func count(_ number: Double, into column: inout PartialWindow.Column, _ moments: inout Moments) {
        guard !number.isNaN else {
            column.missing += 1
            return
        }
        switch kind {
        case .numeric(let bins, let minimum, let maximum):
            column.counts[bins.index(of: number)] += 1
            if number < minimum || number > maximum { column.outOfRange += 1 }
            moments.insert(number)
        case .categorical:
            count(LabelText.canonical(number), into: &column, &moments)
        }
    }

    private func count(_ text: String?, into column: inout PartialWindow.Column, _ moments: inout Moments) {
        guard let text else {
            column.missing += 1
            return
        }
        switch kind {
        case .numeric:
            count(Double(text) ?? .nan, into: &column, &moments)
        case .categorical(let indices, let otherBin):
            if let index = indices[text] ?? indices[LabelText.canonical(text)] {
                column.counts[index] += 1
            } else {
                column.counts[otherBin] += 1
                column.outOfRange += 1
            }
        }
    }
}

extension PartialWindow.Column {
    var moments: Moments {
        get {
            Moments(
                count: finite, mean: mean, squaredDeviations: squaredDeviations, minimum: minimum ?? .infinity,
                maximum: maximum ?? -.infinity)
        }
        set {
            finite = newValue.count
            mean = newValue.mean
            squaredDeviations = newValue.squaredDeviations
            minimum = newValue.count > 0 ? newValue.minimum : nil
            maximum = newValue.count > 0 ? newValue.maximum : nil
        }
    }
}

extension FeatureProfile {
    /// The same bins with what was counted against them.
    init(like reference: FeatureProfile, counted column: PartialWindow.Column) {
        let moments = column.moments
        self.init(
            name: reference.name, bins: reference.bins, counts: column.counts, missing: column.missing,
            outOfRange: column.outOfRange, mean: moments.count > 0 ? moments.mean : nil,
            standardDeviation: moments.standardDeviation, minimum: column.minimum, maximum: column.maximum)
    }
}
