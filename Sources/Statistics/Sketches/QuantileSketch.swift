/// A mergeable sketch of a distribution that answers ranks and quantiles in bounded memory: KLL.
///
/// Karnin, Lang and Liberty, "Optimal quantile approximation in streams" (FOCS 2016), with the capacities of Apache
/// DataSketches: level h of H holds ⌈k (2/3)^(H-1-h)⌉ values, 8 at least; a full level is sorted and every second value
/// moves up with double weight. With k = 200 the rank error is at most 1.33 % with probability 0.99, whatever the order of
/// the stream and the tree of merges. Update: O(1) amortised. Memory: about 3k doubles plus 8 for each doubling of the count.
///
/// NaN is not a value here: callers count it as missing.
public struct QuantileSketch: Sendable, Hashable, Codable {
    /// Accuracy parameter; 200 gives 1.33 % rank error.
    public let k: Int
    /// How many values went in.
    public private(set) var count: Int = 0
    /// The exact least value; +∞ while empty.
    public private(set) var minimum: Double = .infinity
    /// The exact greatest value; -∞ while empty.
    public private(set) var maximum: Double = -.infinity
    /// Level h holds values that stand for 2^h each.
    private var levels: [[Double]] = [[]]
    private var random: SplitMix64
    /// The lowest level's, which every value meets; follows from `k` and the number of levels.
    private var firstCapacity: Int

    enum CodingKeys: String, CodingKey { case k, count, minimum, maximum, levels, random }

    /// - Parameters:
    ///   - k: 8…65,535; default 200.
    ///   - seed: decides the coin of each compaction; equal seeds and streams give equal sketches.
    public init(k: Int = 200, seed: UInt64 = 0x6d61_7274_6c65_7400) {
        precondition((8...65_535).contains(k), "k is 8…65,535")
        self.k = k
        random = SplitMix64(seed: seed)
        firstCapacity = Self.capacity(k, below: 0)
    }

    /// Adds one value. NaN is ignored.
    public mutating func insert(_ value: Double) {
        guard !value.isNaN else { return }
        count += 1
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        levels[0].append(value)
        if levels[0].count >= firstCapacity { compress() }
    }

    /// Adds many values without leaving this room for each; the same sketch as one by one. NaN is ignored.
    public mutating func insert(contentsOf values: Span<Double>) {
        for index in values.indices { insert(values[index]) }
    }

    /// Adds all that the other sketch has seen. The error bound is that of the smaller k.
    public mutating func merge(_ other: QuantileSketch) {
        guard other.count > 0 else { return }
        count += other.count
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        while levels.count < other.levels.count { addLevel() }
        for (level, values) in other.levels.enumerated() { levels[level].append(contentsOf: values) }
        compress()
    }

    /// The share of values that are `value` or less, 0…1; NaN while empty.
    public func rank(of value: Double) -> Double {
        guard count > 0 else { return .nan }
        var weight = 0
        for (level, values) in levels.enumerated() {
            for candidate in values where candidate <= value { weight += 1 << level }
        }
        return Double(weight) / Double(totalWeight)
    }

    /// The value at `share` of the distribution (0 is the minimum, 1 the maximum, both exact); NaN while empty.
    public func quantile(_ share: Double) -> Double {
        quantiles([share])[0]
    }

    /// The values at several shares, 0…1 each, in one pass: O(k log k).
    public func quantiles(_ shares: [Double]) -> [Double] {
        guard count > 0 else { return shares.map { _ in .nan } }
        let sorted = weightedValues
        let total = Double(totalWeight)
        return shares.map { share in
            if share <= 0 { return minimum }
            if share >= 1 { return maximum }
            let target = share * total
            var low = 0
            var high = sorted.count - 1
            while low < high {
                let middle = (low + high) / 2
                if Double(sorted[middle].cumulativeWeight) >= target { high = middle } else { low = middle + 1 }
            }
            return sorted[low].value
        }
    }

    /// The retained values ascending, each with the weight of all values up to and including it.
    public var weightedValues: [(value: Double, cumulativeWeight: Int)] {
        var pairs: [(value: Double, cumulativeWeight: Int)] = []
        for (level, values) in levels.enumerated() { pairs += values.map { ($0, 1 << level) } }
        pairs.sort { $0.value < $1.value }
        var sum = 0
        for index in pairs.indices {
            sum += pairs[index].cumulativeWeight
            pairs[index].cumulativeWeight = sum
        }
        return pairs
    }

    /// How many values are held: the memory.
    public var retainedCount: Int { levels.reduce(0) { $0 + $1.count } }

    /// Compaction keeps this equal to `count`: an odd value stays on its level.
    private var totalWeight: Int {
        levels.enumerated().reduce(0) { $0 + $1.element.count << $1.offset }
    }

    /// What a level holds that has so many levels above it.
    private static func capacity(_ k: Int, below levelsAbove: Int) -> Int {
        var capacity = Double(k)
        for _ in 0..<levelsAbove { capacity *= 2.0 / 3.0 }
        return max(8, Int(capacity.rounded(.up)))
    }

    private func capacity(of level: Int) -> Int { Self.capacity(k, below: levels.count - 1 - level) }

    private mutating func addLevel() {
        levels.append([])
        firstCapacity = capacity(of: 0)
    }

    /// Halves every level that is over its capacity, lowest first.
    private mutating func compress() {
        var level = 0
        while level < levels.count {
            if levels[level].count >= capacity(of: level) {
                if level + 1 == levels.count { addLevel() }
                compact(level)
            }
            level += 1
        }
    }

    private mutating func compact(_ level: Int) {
        levels[level].sort()
        var end = levels[level].count
        var start = 0
        var kept: Double?
        if !end.isMultiple(of: 2) {
            // An odd one stays, so that no weight is lost; which end is the coin's choice, so that no tail is favoured.
            if random.next() & 1 == 0 {
                kept = levels[level][0]
                start = 1
            } else {
                end -= 1
                kept = levels[level][end]
            }
        }
        start += Int(random.next() & 1)
        for index in stride(from: start, to: end, by: 2) { levels[level + 1].append(levels[level][index]) }
        levels[level].removeAll(keepingCapacity: true)
        if let kept { levels[level].append(kept) }
    }
}

extension QuantileSketch {
    /// Infinities have no JSON form, so an empty sketch leaves out its extremes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        k = try container.decode(Int.self, forKey: .k)
        count = try container.decode(Int.self, forKey: .count)
        minimum = try container.decodeIfPresent(Double.self, forKey: .minimum) ?? .infinity
        maximum = try container.decodeIfPresent(Double.self, forKey: .maximum) ?? -.infinity
        levels = try container.decode([[Double]].self, forKey: .levels)
        random = try container.decode(SplitMix64.self, forKey: .random)
        guard (8...65_535).contains(k), count >= 0, (1...62).contains(levels.count) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "Not a quantile sketch: k, count or levels out of range."))
        }
        firstCapacity = Self.capacity(k, below: levels.count - 1)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(k, forKey: .k)
        try container.encode(count, forKey: .count)
        if count > 0 {
            try container.encode(minimum, forKey: .minimum)
            try container.encode(maximum, forKey: .maximum)
        }
        try container.encode(levels, forKey: .levels)
        try container.encode(random, forKey: .random)
    }
}
