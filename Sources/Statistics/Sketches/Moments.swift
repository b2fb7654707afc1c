/// Count, mean, variance and extremes of a stream, mergeable.
///
/// Update after Welford (1962), merge after Chan, Golub and LeVeque (1979): numerically stable where sums of squares are
/// not. O(1) memory and time a value. A magnitude above 10¹⁴⁰ counts as 10¹⁴⁰ in mean and variance: its square, summed, would leave
/// the range of Double.
public struct Moments: Sendable, Hashable {
    private static let magnitudeMax = 1e140
    /// Values a pass takes at once: 4 KiB, so that the second pass finds them in the nearest cache.
    private static let blockCount = 512

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

    /// The moments of these values.
    public init(_ values: [Double]) {
        self.init()
        insert(contentsOf: values.span)
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

    /// Adds many values: the mean of a block, then its deviations, both in vector registers, then a merge. As precise as one by one
    /// and some ten times as fast; the last bits may differ.
    public mutating func insert(contentsOf values: Span<Double>) {
        values.withUnsafeBufferPointer { values in
            var start = 0
            while start < values.count {
                let end = min(values.count, start + Self.blockCount)
                let block = UnsafeBufferPointer(rebasing: values[start..<end])
                if let moments = Self.ofRegularBlock(block) {
                    merge(moments)
                } else {
                    for value in block { insert(value) }
                }
                start = end
            }
        }
    }

    /// nil where a value is not finite or too large to square.
    private static func ofRegularBlock(_ block: UnsafeBufferPointer<Double>) -> Moments? {
        guard let base = block.baseAddress else { return nil }
        let vectors = block.count / 8
        var sums = SIMD8<Double>.zero
        var lows = SIMD8<Double>(repeating: .infinity)
        var highs = SIMD8<Double>(repeating: -.infinity)
        for index in 0..<vectors {
            let values = UnsafeRawPointer(base + index * 8).loadUnaligned(as: SIMD8<Double>.self)
            sums += values
            lows.replace(with: values, where: values .< lows)
            highs.replace(with: values, where: values .> highs)
        }
        var sum = sums.sum()
        var low = lows.min()
        var high = highs.max()
        for index in (vectors * 8)..<block.count {
            sum += block[index]
            low = min(low, block[index])
            high = max(high, block[index])
        }
        // A NaN makes the sum one, and so does an infinity or its finite opposite.
        guard sum.isFinite, low >= -magnitudeMax, high <= magnitudeMax else { return nil }
        let mean = sum / Double(block.count)
        var squares = SIMD8<Double>.zero
        for index in 0..<vectors {
            let values = UnsafeRawPointer(base + index * 8).loadUnaligned(as: SIMD8<Double>.self)
            let deviations = values - mean
            squares += deviations * deviations
        }
        var deviations = squares.sum()
        for index in (vectors * 8)..<block.count { deviations += (block[index] - mean) * (block[index] - mean) }
        return Moments(
            count: block.count, mean: mean, squaredDeviations: deviations, minimum: low, maximum: high)
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
