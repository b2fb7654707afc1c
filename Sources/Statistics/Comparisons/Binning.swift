/// A named way to cut a sample of numbers into bins; the rules of `numpy.histogram_bin_edges` where they share a name.
public enum Binning: Sendable, Hashable {
    /// So many bins of equal width between minimum and maximum.
    case equalWidth(Int)
    /// So many bins of about equal share, by interpolated quantiles; fewer where quantiles coincide.
    case quantiles(Int)
    /// Equal width, ⌈log₂ n⌉ + 1 bins (Sturges 1926); Evidently's for numbers.
    case sturges
    /// Equal width, Sturges' number raised for skewed samples (Doane 1976); NannyML's for Jensen-Shannon and Hellinger.
    case doane
    /// Equal width, 3.49 standard deviations over ∛n (Scott 1979).
    case scott
    /// Equal width, twice the interquartile range over ∛n (Freedman and Diaconis 1981).
    case freedmanDiaconis
    /// One bin for each distinct value, edges half way between.
    case distinctValues

    /// More bins than this are not made, whatever a rule asks for: a single outlier can make its width tiny.
    public static let countMax = 100_000

    /// The edges of the bins of a sample, first and last included: the extremes, or half a unit to each side of a single value.
    ///
    /// - Returns: strictly ascending; empty without finite numbers.
    public func edges(of sample: SortedSample) -> [Double] {
        let values =
            sample.values.first?.isFinite == true && sample.values.last?.isFinite == true
            ? sample.values : sample.values.filter(\.isFinite)
        guard let low = values.first, let high = values.last else { return [] }
        let finite = values.count == sample.count ? sample : SortedSample(values)
        switch self {
        case .quantiles(let count):
            let inner = (1..<max(2, count)).map { finite.quantile(Double($0) / Double(count)) }
            return Self.unique([low] + (count > 1 ? inner : []) + [high])
        case .distinctValues:
            let distinct = Self.unique(values)
            let inner = zip(distinct, distinct.dropFirst()).map { $0 + ($1 - $0) / 2 }
            return Self.unique([low - 0.5] + inner + [high + 0.5])
        case .equalWidth, .sturges, .doane, .scott, .freedmanDiaconis:
            let first = low == high ? low - 0.5 : low
            let last = low == high ? high + 0.5 : high
            return Self.spaced(first, last, low == high && !isFixed ? 1 : count(finite, last - first))
        }
    }

    private var isFixed: Bool {
        if case .equalWidth = self { true } else { false }
    }

    private func count(_ sample: SortedSample, _ range: Double) -> Int {
        let n = Double(sample.count)
        let width: Double
        switch self {
        case .equalWidth(let count): return max(1, count)
        case .sturges: width = range / (log2(n) + 1)
        case .doane: width = doaneWidth(sample, range)
        case .scott:
            width = Elementary.power(24 * Double.pi.squareRoot() / n, 1 / 3.0) * sample.populationDeviation
        case .freedmanDiaconis:
            width = 2 * (sample.quantile(0.75) - sample.quantile(0.25)) * Elementary.power(n, -1 / 3.0)
        case .quantiles, .distinctValues: return 1
        }
        guard width > 0 else { return 1 }
        return max(1, Int(min(Double(Self.countMax), (range / width).rounded(.up))))
    }

    private func doaneWidth(_ sample: SortedSample, _ range: Double) -> Double {
        let n = Double(sample.count)
        let deviation = sample.populationDeviation
        guard sample.count > 2, deviation > 0 else { return 0 }
        let skewDeviation = (6 * (n - 2) / ((n + 1) * (n + 3))).squareRoot()
        let mean = sample.mean
        let skewness =
            sample.values.reduce(0) { sum, value in
                let standardized = (value - mean) / deviation
                return sum + standardized * standardized * standardized
            } / n
        return range / (1 + log2(n) + log2(1 + abs(skewness) / skewDeviation))
    }

    private func log2(_ x: Double) -> Double { Elementary.log(x) / Elementary.log(2) }

    private static func spaced(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        // As numpy.linspace: the step times the index, the last one exact.
        let step = (high - low) / Double(count)
        return unique((0..<count).map { low + Double($0) * step } + [high])
    }

    /// Of an ascending list.
    private static func unique(_ values: [Double]) -> [Double] {
        var unique: [Double] = []
        for value in values where unique.last.map({ $0 < value }) ?? true { unique.append(value) }
        return unique
    }
}
