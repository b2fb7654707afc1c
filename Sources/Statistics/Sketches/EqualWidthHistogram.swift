/// Counts in bins of equal width over a fixed range, mergeable, at a rate of hundreds of millions of values a second: a bin is
/// found by one multiplication.
///
/// Bins are [a, b), the last one [a, b], as in `numpy.histogram(bins=n, range=(low, high))`; a value whose rounded position meets an edge may
/// count one bin off. What lies outside is counted apart.
public struct EqualWidthHistogram: Sendable, Hashable, Codable {
    public let low: Double
    public let high: Double
    public private(set) var counts: [Int]
    /// Values under `low`.
    public private(set) var below = 0
    /// Values over `high`.
    public private(set) var above = 0
    /// NaN.
    public private(set) var missing = 0

    /// - Parameters:
    ///   - low: finite, less than `high`.
    ///   - bins: 1…65,536.
    public init(low: Double, high: Double, bins: Int) {
        precondition(low.isFinite && high.isFinite && low < high && (high - low).isFinite, "a finite range")
        precondition((1...65_536).contains(bins), "1 to 65,536 bins")
        self.low = low
        self.high = high
        counts = [Int](repeating: 0, count: bins)
    }

    /// The edges of all bins, one more than there are bins.
    public var edges: [Double] {
        let step = (high - low) / Double(counts.count)
        return counts.indices.map { low + Double($0) * step } + [high]
    }

    /// Values within the range.
    public var total: Int { counts.reduce(0, +) }

    public mutating func insert(_ value: Double) {
        if value.isNaN {
            missing += 1
        } else if value < low {
            below += 1
        } else if value > high {
            above += 1
        } else {
            let position = (value - low) * (Double(counts.count) / (high - low))
            counts[min(Int(position), counts.count - 1)] += 1
        }
    }

    public mutating func insert(contentsOf values: Span<Double>) {
        let bins = counts.count
        // Three slots after the bins: below, above, missing. Four copies, so that equal neighbours do not wait for each other.
        let stride = bins + 3
        var slots = [UInt32](repeating: 0, count: 4 * stride)
        let scale = Double(bins) / (high - low)
        let (low, high) = (low, high)
        values.withUnsafeBufferPointer { values in
            // A slot's 32 bits cannot overflow within a chunk.
            var start = 0
            while start < values.count {
                let end = min(values.count, start + (1 << 30))
                slots.withUnsafeMutableBufferPointer { slots in
                    var index = start
                    while index + 4 <= end {
                        for lane in 0..<4 {
                            let value = values[index + lane]
                            let slot = Self.slot(value, low, high, scale, bins)
                            slots[lane * stride + slot] &+= 1
                        }
                        index += 4
                    }
                    while index < end {
                        slots[Self.slot(values[index], low, high, scale, bins)] &+= 1
                        index += 1
                    }
                }
                add(&slots, stride)
                start = end
            }
        }
    }

    @inline(__always)
    private static func slot(_ value: Double, _ low: Double, _ high: Double, _ scale: Double, _ bins: Int) -> Int {
        if value >= low, value <= high {
            return min(Int(truncatingIfNeeded: Int32((value - low) * scale)), bins - 1)
        }
        return bins + (value < low ? 0 : value > high ? 1 : 2)
    }

    private mutating func add(_ slots: inout [UInt32], _ stride: Int) {
        for lane in 0..<4 {
            let base = lane * stride
            for bin in counts.indices { counts[bin] += Int(slots[base + bin]) }
            below += Int(slots[base + counts.count])
            above += Int(slots[base + counts.count + 1])
            missing += Int(slots[base + counts.count + 2])
        }
        for index in slots.indices { slots[index] = 0 }
    }

    /// Adds what the other has seen; both have the same range and bins.
    public mutating func merge(_ other: EqualWidthHistogram) {
        precondition(
            low == other.low && high == other.high && counts.count == other.counts.count, "the same bins")
        for bin in counts.indices { counts[bin] += other.counts[bin] }
        below += other.below
        above += other.above
        missing += other.missing
    }
}
