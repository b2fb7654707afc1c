/// What one column of a data set holds.
public struct DatasetColumn: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
        case integer, number, boolean, timestamp
        /// Text of few different values.
        case categorical
        case text
        /// Objects or lists, of JSON lines.
        case nested
        /// Not one value is there.
        case empty
    }

    /// The value below which a share of all lie.
    public struct Quantile: Sendable, Hashable, Codable {
        /// 0…1.
        public var share: Double
        public var value: Double

        public init(share: Double, value: Double) {
            self.share = share
            self.value = value
        }
    }

    /// A value and how often it occurs.
    public struct Category: Sendable, Hashable, Codable {
        public var value: String
        public var count: Int

        public init(value: String, count: Int) {
            self.value = value
            self.count = count
        }
    }

    /// Counts in bins of equal width, from the least to the greatest value. They are read off a sketch: each is right within 1.33 % of
    /// all values.
    public struct Histogram: Sendable, Hashable, Codable {
        /// One more than there are bins, ascending.
        public var edges: [Double]
        public var counts: [Int]

        public init(edges: [Double], counts: [Int]) {
            self.edges = edges
            self.counts = counts
        }
    }

    public var name: String
    public var kind: Kind
    /// Rows with a value.
    public var present: Int
    /// Rows without one: empty, null, NaN, or the column was not there.
    public var missing: Int
    /// How many different values there are.
    public var distinct: Int
    /// Whether `distinct` was counted; else it is an estimate (HyperLogLog, standard error 2.3 %).
    public var isDistinctExact: Bool
    /// Of numbers; of timestamps in milliseconds since 1970 (UTC). nil for all else.
    public var minimum: Double?
    public var maximum: Double?
    public var mean: Double?
    /// Divided by n - 1; nil below two values.
    public var standardDeviation: Double?
    /// Within 1.33 % of rank (KLL); empty where there is no order.
    public var quantiles: [Quantile] = []
    public var histogram: Histogram?
    /// The most frequent values, at most 20; empty for columns of many.
    public var top: [Category] = []
    /// Values not among `top`; nil where `top` is empty.
    public var other: Int?

    public init(name: String, kind: Kind, present: Int, missing: Int, distinct: Int, isDistinctExact: Bool) {
        self.name = name
        self.kind = kind
        self.present = present
        self.missing = missing
        self.distinct = distinct
        self.isDistinctExact = isDistinctExact
    }

    /// 0…1; 0 without rows.
    public var missingShare: Double {
        present + missing == 0 ? 0 : Double(missing) / Double(present + missing)
    }
}

extension DatasetColumn.Kind {
    /// Whether its values have a place on a line.
    public var isOrdered: Bool { self == .integer || self == .number || self == .timestamp }
}
