/// Control of the false discovery rate over an endless sequence of tests: each gets its level from what earlier ones found.
///
/// A test's level is fixed before its p-value is seen, and the expected share of false ones among all discoveries so far stays at most
/// `level` at any time, for independent p-values. Time a test and memory: O(discoveries).
public struct OnlineFDR: Sendable, Hashable, Codable {
    /// How levels are given out.
    public enum Rule: Sendable, Hashable, Codable {
        /// LORD++ (Ramdas, Yang, Wainwright and Jordan 2017), γ_j ∝ ln(j ∨ 2) / (j e^√ln j) as in Javanmard and Montanari (2018).
        case lord
        /// SAFFRON (Ramdas, Zrnic, Wainwright and Jordan 2018), γ_j ∝ j^-1.6: spends nothing on p-values above `candidate`, so finds more
        /// where many tests have something to find.
        case saffron(candidate: Double)
    }

    /// The false discovery rate, 0…1.
    public let level: Double
    /// Of the level, what the first tests may spend; 0…level.
    public let initialWealth: Double
    public let rule: Rule

    /// Tests so far.
    public private(set) var count = 0
    /// The numbers, from 1, of the tests that discovered something.
    public private(set) var discoveries: [Int] = []
    /// Candidates so far, and how many there were up to each discovery.
    private var candidates = 0
    private var candidatesAtDiscovery: [Int] = []

    /// - Parameter initialWealth: nil takes a tenth of the level for LORD++ (as the R package onlineFDR), half of (1 - λ) level for SAFFRON.
    public init(level: Double, rule: Rule = .lord, initialWealth: Double? = nil) {
        precondition(level > 0 && level < 1, "a level is between 0 and 1")
        self.level = level
        self.rule = rule
        switch rule {
        case .lord: self.initialWealth = initialWealth ?? level / 10
        case .saffron(let candidate): self.initialWealth = initialWealth ?? (1 - candidate) * level / 2
        }
    }

    /// The level of the next test.
    public var nextLevel: Double {
        let t = count + 1
        switch rule {
        case .lord:
            var sum = initialWealth * Self.lordWeight(t)
            for (index, discovery) in discoveries.enumerated() {
                sum += (index == 0 ? level - initialWealth : level) * Self.lordWeight(t - discovery)
            }
            return sum
        case .saffron(let candidate):
            let payout = (1 - candidate) * level
            var sum = initialWealth * Self.saffronWeight(t - candidates)
            for (index, discovery) in discoveries.enumerated() {
                let since = candidates - candidatesAtDiscovery[index]
                sum += (index == 0 ? payout - initialWealth : payout) * Self.saffronWeight(t - discovery - since)
            }
            return min(candidate, sum)
        }
    }

    /// Takes the next test's p-value; NaN counts as 1.
    ///
    /// - Returns: whether it is a discovery.
    @discardableResult
    public mutating func insert(_ pValue: Double) -> Bool {
        let isDiscovery = pValue <= nextLevel
        count += 1
        if case .saffron(let candidate) = rule, pValue <= candidate { candidates += 1 }
        if isDiscovery {
            discoveries.append(count)
            candidatesAtDiscovery.append(candidates)
        }
        return isDiscovery
    }

    /// Sums to one over j = 1, 2, …
    private static func lordWeight(_ j: Int) -> Double {
        guard j > 0 else { return 0 }
        let x = Double(j)
        return 0.07720838 * Elementary.log(max(x, 2)) / (x * Elementary.exp(Elementary.log(x).squareRoot()))
    }

    /// 1 / ζ(1.6) times a power.
    private static func saffronWeight(_ j: Int) -> Double {
        j > 0 ? 0.4374901658 * Elementary.power(Double(j), -1.6) : 0
    }
}
