/// Joins neighbouring fine bins into coarse ones of about equal share, so that one set of fine counts serves both a test
/// that wants resolution (Kolmogorov-Smirnov) and an index that wants few, well-filled bins (PSI).
public struct BinGrouping: Sendable, Hashable {
    /// The coarse bin of each fine bin, ascending from 0.
    public let groups: [Int]
    /// How many coarse bins there are.
    public let count: Int

    /// Walks the fine bins and closes a coarse one as soon as it holds its share of the reference. A fine bin that holds a
    /// whole share stands alone, so that what moves away from it, to either side, is seen.
    ///
    /// - Parameters:
    ///   - counts: the reference's counts in the fine bins.
    ///   - target: coarse bins wanted, 1 or more; there may be fewer where one fine bin holds more than a share.
    public init(equalShares counts: [Int], target: Int) {
        let total = counts.reduce(0, +)
        let share = Double(total) / Double(max(1, target))
        var groups: [Int] = []
        groups.reserveCapacity(counts.count)
        var group = 0
        var filled = 0
        var remaining = total
        var isOpen = false
        for count in counts {
            let isHeavy = total > 0 && Double(count) >= share
            if isHeavy, isOpen {
                group += 1
                filled = 0
            }
            groups.append(group)
            isOpen = true
            filled += count
            remaining -= count
            // A rest that is less than half a share joins the last group instead of making a thin one.
            if isHeavy || (Double(filled) >= share * 0.999_999 && Double(remaining) >= share / 2) {
                group += 1
                filled = 0
                isOpen = false
            }
        }
        self.groups = groups
        self.count = (groups.last ?? -1) + 1
    }

    /// Fine counts added up by coarse bin. `counts` has one entry a fine bin.
    public func coarse(_ counts: [Int]) -> [Int] {
        var sums = [Int](repeating: 0, count: count)
        for (index, group) in groups.enumerated() where index < counts.count { sums[group] += counts[index] }
        return sums
    }
}
