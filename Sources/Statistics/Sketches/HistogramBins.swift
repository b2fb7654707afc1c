/// Fixed bins of the real line, so that counts made anywhere against the same bins add up.
///
/// n ascending edges make n + 1 bins: (-∞, e₀], (e₀, e₁] … (eₙ₋₁, ∞). The outermost bins are open, so every number that is
/// not NaN has a bin.
public struct HistogramBins: Sendable {
    /// Strictly ascending, finite.
    public let edges: [Double]
    /// nil where a search is as good, or the edges cannot be divided.
    private let grid: EdgeGrid?

    /// - Parameter edges: in any order; duplicates and what is not finite are left out.
    public init(edges: [Double]) {
        var unique: [Double] = []
        for edge in edges.filter(\.isFinite).sorted() where unique.last != edge { unique.append(edge) }
        self.edges = unique
        grid = unique.count > 1 ? EdgeGrid(unique) : nil
    }

    /// Bins of about equal share of the distribution that the sketch saw.
    ///
    /// A value that holds more than one bin's share makes one bin of its own (equal quantiles collapse), so there may be
    /// fewer bins than asked for. The sketch's rank error carries over to the shares, so count the reference itself
    /// against these bins rather than assume 1/n each.
    ///
    /// - Parameter count: the bins wanted, 1 or more.
    public init(quantilesOf sketch: QuantileSketch, count: Int) {
        precondition(count >= 1, "at least one bin")
        guard sketch.count > 0, count > 1 else {
            self.init(edges: [])
            return
        }
        let inner = sketch.quantiles((1..<count).map { Double($0) / Double(count) })
        // An edge at the maximum would make the last bin empty of reference values for ever.
        self.init(edges: inner.filter { $0 < sketch.maximum })
    }

    /// One bin for each of the given values, with edges half way between: for numbers with few distinct values.
    public init(around values: [Double]) {
        let sorted = Set(values.filter(\.isFinite)).sorted()
        self.init(edges: zip(sorted, sorted.dropFirst()).map { $0 + ($1 - $0) / 2 })
    }

    public var count: Int { edges.count + 1 }

    /// The bin that holds `value`; O(log n). The value is not NaN.
    public func index(of value: Double) -> Int {
        var low = 0
        var high = edges.count
        while low < high {
            let middle = (low + high) / 2
            if value <= edges[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Counts of the values in each bin; NaN is left out.
    public func counts(of values: [Double]) -> [Int] {
        var counts = [Int](repeating: 0, count: count)
        count(values.span, into: &counts)
        return counts
    }

    /// Adds many values to counts by bin: tens of millions a second, by a grid over the edges that leaves a value to be compared with the
    /// edges in its own cell alone.
    ///
    /// - Parameters:
    ///   - values: any numbers.
    ///   - counts: one a bin.
    /// - Returns: how many were NaN and are in no bin.
    @discardableResult
    public func count(_ values: Span<Double>, into counts: inout [Int]) -> Int {
        precondition(counts.count == count, "a count for each bin")
        guard let grid else {
            var missing = 0
            for index in values.indices {
                if values[index].isNaN { missing += 1 } else { counts[self.index(of: values[index])] += 1 }
            }
            return missing
        }
        return grid.count(values, edges, &counts)
    }
}

extension HistogramBins: Hashable, Codable {
    private enum CodingKeys: String, CodingKey { case edges }

    public init(from decoder: any Decoder) throws {
        self.init(edges: try decoder.container(keyedBy: CodingKeys.self).decode([Double].self, forKey: .edges))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(edges, forKey: .edges)
    }

    public static func == (one: HistogramBins, other: HistogramBins) -> Bool { one.edges == other.edges }

    public func hash(into hasher: inout Hasher) { hasher.combine(edges) }
}

/// Cells of equal width over the range of some edges, each with the edges that it holds.
private struct EdgeGrid: Sendable {
    private static let cellsPerEdge = 8
    private static let cellsMax = 65_536

    private let low: Double
    private let scale: Double
    private let last: Double
    /// Entry c: how many edges lie in cells before c.
    private var starts: [Int32]

    /// - Returns: nil where the range of the edges is too wide or too narrow to divide.
    init?(_ edges: [Double]) {
        let cells = min(Self.cellsMax, Self.cellsPerEdge * edges.count)
        low = edges[0]
        scale = Double(cells) / (edges[edges.count - 1] - edges[0])
        last = Double(cells - 1)
        guard scale.isFinite, scale > 0 else { return nil }
        starts = [Int32](repeating: 0, count: cells + 1)
        for edge in edges { starts[cell(edge) + 1] += 1 }
        for index in 1...cells { starts[index] += starts[index - 1] }
    }

    /// Never falls as the value grows, also after rounding: so an edge in an earlier cell is smaller, one in a later cell greater.
    @inline(__always)
    private func cell(_ value: Double) -> Int {
        Int(min(max((value - low) * scale, 0), last))
    }

    func count(_ values: Span<Double>, _ edges: [Double], _ counts: inout [Int]) -> Int {
        var missing = 0
        edges.withUnsafeBufferPointer { edges in
            starts.withUnsafeBufferPointer { starts in
                counts.withUnsafeMutableBufferPointer { counts in
                    values.withUnsafeBufferPointer { values in
                        for value in values {
                            guard value == value else {
                                missing += 1
                                continue
                            }
                            let cell = cell(value)
                            var bin = Int(starts[cell])
                            let end = Int(starts[cell + 1])
                            while bin < end, edges[bin] < value { bin += 1 }
                            counts[bin] += 1
                        }
                    }
                }
            }
        }
        return missing
    }
}
