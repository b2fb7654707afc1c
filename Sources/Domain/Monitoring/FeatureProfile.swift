/// The distribution of one feature, or of the prediction, over a data set or a window of traffic, in fixed bins.
///
/// Profiles with equal bins add up and compare bin by bin; draw `counts` over `bins`.
public struct FeatureProfile: Sendable, Hashable, Codable {
    /// What the counts are counts of.
    public enum Bins: Sendable, Hashable, Codable {
        /// n ascending edges make n + 1 bins: (-∞, e₀], (e₀, e₁] … (eₙ₋₁, ∞). At most 99 edges.
        case numeric(edges: [Double])
        /// n categories make n + 1 bins: the last counts every other value. At most 50 categories.
        case categorical(categories: [String])
    }

    public var name: String
    public var bins: Bins
    /// One a bin.
    public var counts: [Int]
    /// Values that were not there (NaN, null); not among `counts`.
    public var missing: Int
    /// Numbers below the reference's minimum or above its maximum, or categories that it does not know; also among `counts`.
    public var outOfRange: Int
    /// Of numeric values that are finite; nil without any and for categories.
    public var mean: Double?
    /// Divided by n - 1; nil below two values.
    public var standardDeviation: Double?
    public var minimum: Double?
    public var maximum: Double?

    public init(
        name: String, bins: Bins, counts: [Int], missing: Int = 0, outOfRange: Int = 0, mean: Double? = nil,
        standardDeviation: Double? = nil, minimum: Double? = nil, maximum: Double? = nil
    ) {
        self.name = name
        self.bins = bins
        self.counts = counts
        self.missing = missing
        self.outOfRange = outOfRange
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.minimum = minimum
        self.maximum = maximum
    }

    /// Values seen, without the missing ones.
    public var present: Int { counts.reduce(0, +) }
    /// All rows.
    public var rows: Int { present + missing }
    /// 0…1; 0 without rows.
    public var missingShare: Double { rows == 0 ? 0 : Double(missing) / Double(rows) }
    /// Of the values present, 0…1; 0 without any.
    public var outOfRangeShare: Double { present == 0 ? 0 : Double(outOfRange) / Double(present) }
    /// The share of each bin among the values present; zeros without any.
    public var shares: [Double] {
        let total = Double(max(1, present))
        return counts.map { Double($0) / total }
    }

    enum CodingKeys: String, CodingKey {
        case name, bins, counts, missing, mean, minimum, maximum
        case outOfRange = "out_of_range"
        case standardDeviation = "standard_deviation"
    }
}

extension FeatureProfile.Bins {
    enum CodingKeys: String, CodingKey { case edges, categories }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let edges = try container.decodeIfPresent([Double].self, forKey: .edges) {
            self = .numeric(edges: edges)
        } else {
            self = .categorical(categories: try container.decode([String].self, forKey: .categories))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .numeric(let edges): try container.encode(edges, forKey: .edges)
        case .categorical(let categories): try container.encode(categories, forKey: .categories)
        }
    }

    /// How many bins there are.
    public var count: Int {
        switch self {
        case .numeric(let edges): edges.count + 1
        case .categorical(let categories): categories.count + 1
        }
    }
}
