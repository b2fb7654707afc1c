/// Outcomes of predictions of one class against the rest. Ratios are nil without a denominator.
public struct BinaryOutcomes: Sendable, Hashable, Codable {
    public var truePositives: Int
    public var falsePositives: Int
    public var trueNegatives: Int
    public var falseNegatives: Int

    public init(truePositives: Int = 0, falsePositives: Int = 0, trueNegatives: Int = 0, falseNegatives: Int = 0) {
        self.truePositives = truePositives
        self.falsePositives = falsePositives
        self.trueNegatives = trueNegatives
        self.falseNegatives = falseNegatives
    }

    public var total: Int { truePositives + falsePositives + trueNegatives + falseNegatives }

    public var accuracy: Double? { Self.ratio(truePositives + trueNegatives, total) }
    public var precision: Double? { Self.ratio(truePositives, truePositives + falsePositives) }
    public var recall: Double? { Self.ratio(truePositives, truePositives + falseNegatives) }
    public var specificity: Double? { Self.ratio(trueNegatives, trueNegatives + falsePositives) }
    public var f1: Double? { Self.ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives) }

    /// Wilson's interval (1927) of each share; nil without a denominator.
    public func accuracyInterval(confidence: Double = 0.95) -> Interval? {
        interval(truePositives + trueNegatives, total, confidence)
    }

    public func precisionInterval(confidence: Double = 0.95) -> Interval? {
        interval(truePositives, truePositives + falsePositives, confidence)
    }

    public func recallInterval(confidence: Double = 0.95) -> Interval? {
        interval(truePositives, truePositives + falseNegatives, confidence)
    }

    /// Of F1, which is a rising function 2J / (1 + J) of the share J of true positives among all rows that are positive on either side:
    /// Wilson's interval of J, mapped.
    public func f1Interval(confidence: Double = 0.95) -> Interval? {
        interval(truePositives, truePositives + falsePositives + falseNegatives, confidence).map {
            Interval(lower: 2 * $0.lower / (1 + $0.lower), upper: 2 * $0.upper / (1 + $0.upper))
        }
    }

    private func interval(_ part: Int, _ whole: Int, _ confidence: Double) -> Interval? {
        Proportions.wilsonInterval(Double(part), of: Double(whole), confidence: confidence)
    }

    private static func ratio(_ numerator: Int, _ denominator: Int) -> Double? {
        denominator == 0 ? nil : Double(numerator) / Double(denominator)
    }
}
