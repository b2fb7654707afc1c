/// Counts of text values in bounded memory: the first `categoriesMax` distinct values by name, the rest together.
///
/// Exact as long as there are no more distinct values than the bound. Beyond it, values first seen late are counted in
/// `other`, so `top` is exact for every named value and says nothing of the rest.
public struct CategoryCounter: Sendable, Hashable, Codable {
    /// Distinct values counted by name.
    public let categoriesMax: Int
    public private(set) var counts: [String: Int] = [:]
    /// Values beyond the bound.
    public private(set) var other: Int = 0

    public init(categoriesMax: Int) {
        precondition(categoriesMax >= 1, "at least one category")
        self.categoriesMax = categoriesMax
    }

    public var total: Int { counts.values.reduce(other, +) }

    public mutating func insert(_ value: String, times: Int = 1) {
        if let count = counts[value] {
            counts[value] = count + times
        } else if counts.count < categoriesMax {
            counts[value] = times
        } else {
            other += times
        }
    }

    /// Adds the other counter's values, its most frequent first, under this one's bound.
    public mutating func merge(_ counter: CategoryCounter) {
        for (value, count) in counter.top(counter.counts.count).values { insert(value, times: count) }
        other += counter.other
    }

    /// The `n` most frequent values (ties by name), and the count of all others.
    public func top(_ n: Int) -> (values: [(value: String, count: Int)], other: Int) {
        let sorted = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        let kept = sorted.prefix(n).map { (value: $0.key, count: $0.value) }
        return (kept, total - kept.reduce(0) { $0 + $1.count })
    }
}
