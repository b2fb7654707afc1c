/// The hypergeometric distribution: marked items among `draws` drawn without replacement; `scipy.stats.hypergeom`.
public struct HypergeometricDistribution: Sendable, Hashable {
    public let population: Int
    public let marked: Int
    public let draws: Int

    /// - Parameters:
    ///   - marked: 0…population.
    ///   - draws: 0…population.
    public init(population: Int, marked: Int, draws: Int) {
        precondition(
            population > 0 && (0...population).contains(marked) && (0...population).contains(draws),
            "no more marked items or draws than items")
        self.population = population
        self.marked = marked
        self.draws = draws
    }

    /// The counts that can occur.
    public var support: ClosedRange<Int> { max(0, draws - (population - marked))...min(marked, draws) }

    /// P(X = k), as a ratio of three binomial masses (Loader 2000).
    public func mass(_ k: Int) -> Double {
        guard support.contains(k) else { return 0 }
        let p = Double(draws) / Double(population)
        let q = Double(population - draws) / Double(population)
        let first = SaddlePoint.binomial(Double(k), Double(marked), p, q)
        let second = SaddlePoint.binomial(Double(draws - k), Double(population - marked), p, q)
        return first * second / SaddlePoint.binomial(Double(draws), Double(population), p, q)
    }

    /// P(X ≤ k), summed from the mode outwards: O(draws) at worst, all terms positive.
    public func cdf(_ k: Int) -> Double {
        if k < support.lowerBound { return 0 }
        if k >= support.upperBound { return 1 }
        return Double(k) <= mean ? lowerSum(k) : 1 - upperSum(k + 1)
    }

    /// P(X ≥ k), precise where it is small.
    public func survivalInclusive(_ k: Int) -> Double {
        if k <= support.lowerBound { return 1 }
        if k > support.upperBound { return 0 }
        return Double(k) > mean ? upperSum(k) : 1 - lowerSum(k - 1)
    }

    private var mean: Double { Double(draws) * Double(marked) / Double(population) }

    private func lowerSum(_ k: Int) -> Double {
        var term = mass(k)
        var sum = term
        var x = k
        while x > support.lowerBound {
            // P(x - 1) / P(x).
            term *=
                Double(x) * Double(population - marked - draws + x)
                / (Double(marked - x + 1) * Double(draws - x + 1))
            sum += term
            x -= 1
            if term < sum * 1e-18 { break }
        }
        return min(1, sum)
    }

    private func upperSum(_ k: Int) -> Double {
        var term = mass(k)
        var sum = term
        var x = k
        while x < support.upperBound {
            term *=
                Double(marked - x) * Double(draws - x) / (Double(x + 1) * Double(population - marked - draws + x + 1))
            sum += term
            x += 1
            if term < sum * 1e-18 { break }
        }
        return min(1, sum)
    }
}
