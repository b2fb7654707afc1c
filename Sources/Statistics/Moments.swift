/// Count, mean, variance and extremes of a stream, mergeable.
///
/// Update after Welford (1962), merge after Chan, Golub and LeVeque (1979): numerically stable where sums of squares are
/// not. O(1) memory and time a value. A magnitude above 10¹⁴⁰ counts as 10¹⁴⁰ in mean and variance: its square, summed, would leave
/// the range of Double.
public struct Moments: Sendable, Hashable {
    private static let magnitudeMax = 1e140

    public private(set) var count: Int
    public private(set) var mean: Double
    /// Sum of squared deviations from the mean.
    public private(set) var squaredDeviations: Double
    /// +∞ while empty.
    public private(set) var minimum: Double
    /// -∞ while empty.
    public private(set) var maximum: Double

    public init(
        count: Int = 0, mean: Double = 0, squaredDeviations: Double = 0, minimum: Double = .infinity,
        maximum: Double = -.infinity
    ) {
        self.count = count
        self.mean = mean
        self.squaredDeviations = squaredDeviations
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Adds one value. What is not finite is ignored: one infinity would spoil the mean for ever.
    public mutating func insert(_ value: Double) {
        guard value.isFinite else { return }
        count += 1
        let bounded = max(-Self.magnitudeMax, min(Self.magnitudeMax, value))
        let delta = bounded - mean
        mean += delta / Double(count)
        squaredDeviations += delta * (bounded - mean)
        minimum = min(minimum, value)
        maximum = max(maximum, value)
    }

    public mutating func merge(_ other: Moments) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        let total = Double(count + other.count)
        let delta = other.mean - mean
        mean += delta * Double(other.count) / total
        squaredDeviations += other.squaredDeviations + delta * delta * (Double(count) / total * Double(other.count))
        count += other.count
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
    }

    /// The sample variance (divided by n - 1); nil below two values.
    public var variance: Double? { count > 1 ? squaredDeviations / Double(count - 1) : nil }

    /// The square root of `variance`.
    public var standardDeviation: Double? { variance.map { $0.squareRoot() } }
}
