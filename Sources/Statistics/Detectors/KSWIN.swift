/// Kolmogorov-Smirnov windowing (Raab, Heusinger and Schleif 2020), with the rules and defaults of river 0.26: the newest values
/// against as many drawn from the window before them.
///
/// An alarm when the exact p-value is at most `alpha` and D exceeds 0.1. The draw is random and the test is repeated at every value, so
/// without a change it alarms about every 600 values at the default: a detector for comparison, not one that keeps a rate. As in river, the
/// value after an alarm begins with an empty window. O(w + s log s) a value.
public struct KSWIN: DriftDetector {
    public let alpha: Double
    /// Values in the window.
    public let windowCount: Int
    /// Newest values compared, at most half of the window.
    public let recentCount: Int

    private let seed: UInt64
    private var random: SplitMix64
    private var window: [Double] = []
    private var oldest = 0
    private var hasDrifted = false
    /// The least D with an exact p of at most `alpha`.
    private let distanceMin: Double

    /// - Parameters:
    ///   - seed: decides the draws; equal seeds and streams give equal alarms.
    public init(alpha: Double = 0.005, windowCount: Int = 100, recentCount: Int = 30, seed: UInt64 = 1) {
        precondition(
            recentCount >= 1 && 2 * recentCount <= windowCount, "the newest part is at most half of the window")
        self.alpha = alpha
        self.windowCount = windowCount
        self.recentCount = recentCount
        self.seed = seed
        random = SplitMix64(seed: seed)
        let n = recentCount
        let steps = (1...n).first {
            KolmogorovSmirnov.exactPValue(distance: Double($0) / Double(n), n, n) <= alpha
        }
        distanceMin = steps.map { Double($0) / Double(n) } ?? 2
        window.reserveCapacity(windowCount)
    }

    @discardableResult
    public mutating func insert(_ value: Double) -> DriftSignal {
        if hasDrifted {
            window.removeAll(keepingCapacity: true)
            oldest = 0
            hasDrifted = false
        }
        guard !value.isNaN else { return .none }
        if window.count < windowCount {
            window.append(value)
        } else {
            window[oldest] = value
            oldest = (oldest + 1) % windowCount
        }
        guard window.count == windowCount else { return .none }
        let ordered = Array(window[oldest...] + window[..<oldest])
        let recent = ordered.suffix(recentCount).sorted()
        let drawn = draw(from: Array(ordered.prefix(windowCount - recentCount))).sorted()
        let distance = Self.distance(drawn, recent)
        hasDrifted = distance > 0.1 && distance >= distanceMin - 1e-9
        return hasDrifted ? .drift : .none
    }

    /// Without replacement: the first steps of a shuffle (Fisher and Yates).
    private mutating func draw(from values: [Double]) -> ArraySlice<Double> {
        var values = values
        for index in 0..<recentCount {
            values.swapAt(index, Int.random(in: index..<values.count, using: &random))
        }
        return values.prefix(recentCount)
    }

    private static func distance(_ a: [Double], _ b: [Double]) -> Double {
        var (i, j, most) = (0, 0, 0)
        while i < a.count, j < b.count {
            let value = min(a[i], b[j])
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            most = max(most, abs(i - j))
        }
        return Double(most) / Double(a.count)
    }
}
