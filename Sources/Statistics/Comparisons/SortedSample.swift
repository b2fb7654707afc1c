/// The numbers of a sample in ascending order, without NaN: sorted once, compared many times.
///
/// Long samples are sorted by their bits (least significant digit first, eleven bits at a time), O(n), some ten times faster than by
/// comparisons.
public struct SortedSample: Sendable, Hashable {
    /// Ascending; -∞ and +∞ may occur.
    public let values: [Double]
    /// How many NaN were left out.
    public let nanCount: Int

    /// Below this, sorting by comparisons is faster.
    private static let radixMin = 1_024
    private static let digitBits = 11
    private static let digits = 6

    public init(_ values: [Double]) {
        let numbers = values.filter { !$0.isNaN }
        nanCount = values.count - numbers.count
        self.values = numbers.count < Self.radixMin ? numbers.sorted() : Self.radixSorted(numbers)
    }

    public var count: Int { values.count }
    public var isEmpty: Bool { values.isEmpty }

    /// The mean; NaN while empty.
    public var mean: Double { values.reduce(0, +) / Double(values.count) }

    /// The population standard deviation (divided by n), in two passes; NaN while empty.
    public var populationDeviation: Double {
        let mean = mean
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    /// The value at `share` of the sample, interpolated linearly between order statistics: type 7 of Hyndman and Fan (1996), the
    /// default of NumPy, pandas and R. NaN while empty.
    public func quantile(_ share: Double) -> Double {
        guard let last = values.indices.last else { return .nan }
        let position = min(max(share, 0), 1) * Double(last)
        let index = min(Int(position), last)
        let fraction = position - Double(index)
        guard fraction > 0, index < last else { return values[index] }
        return values[index] + (values[index + 1] - values[index]) * fraction
    }

    /// Orders as unsigned integers do: negative numbers have all bits flipped, the others the sign.
    private static func key(_ value: Double) -> UInt64 {
        let bits = value.bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    private static func radixSorted(_ values: [Double]) -> [Double] {
        let count = values.count
        let radix = 1 << digitBits
        var keys = values.map(key)
        var buffer = [UInt64](repeating: 0, count: count)
        var histogram = [Int](repeating: 0, count: digits * radix)
        keys.withUnsafeBufferPointer { keys in
            histogram.withUnsafeMutableBufferPointer { histogram in
                for key in keys {
                    var rest = key
                    for digit in 0..<digits {
                        histogram[digit << digitBits + Int(rest & UInt64(radix - 1))] += 1
                        rest >>= UInt64(digitBits)
                    }
                }
            }
        }
        for digit in 0..<digits {
            let base = digit << digitBits
            let shift = UInt64(digit * digitBits)
            // A digit that all keys share moves nothing.
            if histogram[base + Int(keys[0] >> shift & UInt64(radix - 1))] == count { continue }
            var start = 0
            for bucket in base..<(base + radix) { (histogram[bucket], start) = (start, start + histogram[bucket]) }
            keys.withUnsafeBufferPointer { source in
                buffer.withUnsafeMutableBufferPointer { target in
                    histogram.withUnsafeMutableBufferPointer { histogram in
                        for key in source {
                            let bucket = base + Int(key >> shift & UInt64(radix - 1))
                            target[histogram[bucket]] = key
                            histogram[bucket] += 1
                        }
                    }
                }
            }
            swap(&keys, &buffer)
        }
        return keys.map { Double(bitPattern: $0 >> 63 == 1 ? $0 & ~(1 << 63) : ~$0) }
    }
}

extension SortedSample {
    /// Walks both samples upwards, one step for each distinct value, with how often it occurs on either side.
    @inline(__always)
    static func forEachValue(
        _ first: SortedSample, _ second: SortedSample, _ body: (_ value: Double, _ first: Int, _ second: Int) -> Void
    ) {
        first.values.withUnsafeBufferPointer { a in
            second.values.withUnsafeBufferPointer { b in
                var i = 0
                var j = 0
                while i < a.count || j < b.count {
                    let value = i == a.count ? b[j] : j == b.count ? a[i] : min(a[i], b[j])
                    let (startI, startJ) = (i, j)
                    while i < a.count, a[i] == value { i += 1 }
                    while j < b.count, b[j] == value { j += 1 }
                    body(value, i - startI, j - startJ)
                }
            }
        }
    }
}
