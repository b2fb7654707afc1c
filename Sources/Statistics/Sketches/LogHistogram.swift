/// Durations in fixed logarithmic buckets, so that histograms made anywhere add up: for latency and its percentiles.
///
/// Sixteen buckets to a doubling (as in HDR histograms, Tene 2012): a quantile is the middle of its bucket, within 3.2 % of
/// the true value, from 1 µs to 134 s; what is shorter counts as 1 µs and what is longer as 134 s. O(1) an insert.
public struct LogHistogram: Sendable, Hashable {
    /// Buckets to each doubling.
    public static let subBuckets = 16
    /// Doublings covered: 2^27 µs is 134 s, longer than any request may take.
    static let octaves = 27
    /// How many buckets there are.
    public static let bucketCount = octaves * subBuckets + 1

    /// Count by bucket; only buckets in use, so that a small window is small.
    public private(set) var counts: [Int: Int] = [:]
    public private(set) var total: Int = 0

    public init() {}

    /// From stored counts; buckets out of range and counts below 1 are left out.
    public init(counts: [Int: Int]) {
        self.counts = counts.filter { (0..<Self.bucketCount).contains($0.key) && $0.value > 0 }
        total = self.counts.values.reduce(0, +)
    }

    /// The bucket of a duration.
    public static func bucket(nanoseconds: Int64) -> Int {
        let microseconds = UInt64(max(1_000, nanoseconds)) / 1_000
        let octave = 63 - microseconds.leadingZeroBitCount
        guard octave < octaves else { return bucketCount - 1 }
        // The next four bits after the leading one, from nanoseconds so that small octaves are filled too.
        let base = UInt64(1_000) << UInt64(octave)
        let within = (UInt64(max(1_000, nanoseconds)) - base) * UInt64(subBuckets) / base
        return octave * subBuckets + min(Int(within), subBuckets - 1)
    }

    /// The least duration that a bucket holds, in nanoseconds; the bucket after it begins where this one ends.
    public static func lowerBoundNanoseconds(of bucket: Int) -> Double {
        let base = Double(UInt64(1_000) << UInt64(bucket / subBuckets))
        return base * (1 + Double(bucket % subBuckets) / Double(subBuckets))
    }

    public mutating func insert(nanoseconds: Int64) {
        counts[Self.bucket(nanoseconds: nanoseconds), default: 0] += 1
        total += 1
    }

    public mutating func merge(_ other: LogHistogram) {
        counts.merge(other.counts, uniquingKeysWith: +)
        total += other.total
    }

    /// The duration in nanoseconds that `share` (0…1) of all lie at or below; nil while empty.
    public func quantileNanoseconds(_ share: Double) -> Double? {
        guard total > 0 else { return nil }
        let target = max(1, Int((share * Double(total)).rounded(.up)))
        var seen = 0
        for bucket in counts.keys.sorted() {
            seen += counts[bucket] ?? 0
            if seen >= target {
                let low = Self.lowerBoundNanoseconds(of: bucket)
                return bucket == Self.bucketCount - 1 ? low : (low + Self.lowerBoundNanoseconds(of: bucket + 1)) / 2
            }
        }
        return nil
    }
}
