import Domain
import Statistics

/// The first pass over a reference column: finds the bins that the second pass counts against. Bounded memory.
struct ColumnSurvey {
    /// Fine bins of a continuous feature: the resolution of Kolmogorov-Smirnov.
    static let fineBinsMax = 100
    /// A number with at most this many distinct values gets a bin a value.
    static let distinctNumbersMax = 20
    /// Categories named; all others count together, so that ids and free text stay bounded.
    static let categoriesMax = 50
    /// Distinct categories counted before the most frequent are chosen.
    static let categoriesSurveyedMax = 10_000

    let name: String
    let kind: FeatureColumn.Kind
    private var sketch = QuantileSketch()
    private var distinct: Set<Double> = []
    private var categories = CategoryCounter(categoriesMax: categoriesSurveyedMax)

    init(name: String, kind: FeatureColumn.Kind) {
        self.name = name
        self.kind = kind
    }

    mutating func look(at values: Observation.ColumnValues) {
        switch (kind, values) {
        case (.numeric, .numeric(let numbers)):
            for number in numbers { look(at: number) }
        case (.numeric, .categorical(let texts)):
            for text in texts { look(at: text.flatMap(Double.init) ?? .nan) }
        case (.categorical, .categorical(let texts)):
            for case let text? in texts { categories.insert(LabelText.canonical(text)) }
        case (.categorical, .numeric(let numbers)):
            for number in numbers where !number.isNaN { categories.insert(LabelText.canonical(number)) }
        }
    }

    private mutating func look(at number: Double) {
        guard !number.isNaN else { return }
        sketch.insert(number)
        if distinct.count <= Self.distinctNumbersMax { distinct.insert(number) }
    }

    /// A profile with bins and range, and nothing counted yet.
    func empty() -> FeatureProfile {
        switch kind {
        case .numeric:
            let edges = bins.edges
            return FeatureProfile(
                name: name, bins: .numeric(edges: edges), counts: [Int](repeating: 0, count: edges.count + 1),
                minimum: sketch.count > 0 ? sketch.minimum : nil, maximum: sketch.count > 0 ? sketch.maximum : nil)
        case .categorical:
            let top = categories.top(Self.categoriesMax).values.map(\.value)
            return FeatureProfile(
                name: name, bins: .categorical(categories: top), counts: [Int](repeating: 0, count: top.count + 1))
        }
    }

    private var bins: HistogramBins {
        if distinct.count > Self.distinctNumbersMax {
            return HistogramBins(quantilesOf: sketch, count: Self.fineBinsMax)
        }
        if distinct.count == 1, let only = distinct.first {
            // A constant has a bin for less, one for itself and one for more, or no change could ever be seen.
            return HistogramBins(edges: [only.nextDown, only])
        }
        return HistogramBins(around: Array(distinct))
    }
}
