/// The binomial distribution; `scipy.stats.binom`.
public struct BinomialDistribution: Sendable, Hashable {
    public let trials: Int
    /// 0…1.
    public let probability: Double

    public init(trials: Int, probability: Double) {
        precondition(trials >= 0 && probability >= 0 && probability <= 1, "a number of trials and a probability")
        self.trials = trials
        self.probability = probability
    }

    /// P(X = k), after Loader (2000): relative error near 1e-14 for any number of trials.
    public func mass(_ k: Int) -> Double {
        guard k >= 0, k <= trials else { return 0 }
        return SaddlePoint.binomial(Double(k), Double(trials), probability, 1 - probability)
    }

    /// P(X ≤ k).
    public func cdf(_ k: Int) -> Double {
        if k < 0 { return 0 }
        if k >= trials { return 1 }
        return SpecialFunctions.incompleteBeta(
            Double(k) + 1, Double(trials - k), probability, complement: 1 - probability
        ).upper
    }

    /// P(X > k), precise where it is small.
    public func survival(_ k: Int) -> Double {
        if k < 0 { return 1 }
        if k >= trials { return 0 }
        return SpecialFunctions.incompleteBeta(
            Double(k) + 1, Double(trials - k), probability, complement: 1 - probability
        ).lower
    }

    /// The exact test that the success probability is `probability`, two-sided: the chance of a count no more likely than `successes`
    /// (as `scipy.stats.binomtest` and R's `binom.test`; likelihoods equal up to 1e-7 count as equal). O(trials) at worst.
    public func twoSidedPValue(_ successes: Int) -> Double {
        let observed = mass(successes) * (1 + 1e-7)
        let mean = Double(trials) * probability
        if Double(successes) == mean { return 1 }
        if Double(successes) < mean {
            // The first count above the mean that is no more likely; masses fall monotonically there, so bisect.
            var low = Int(mean.rounded(.up))
            var high = trials + 1
            while low < high {
                let middle = low + (high - low) / 2
                if mass(middle) <= observed { high = middle } else { low = middle + 1 }
            }
            return min(1, cdf(successes) + survival(low - 1))
        }
        var low = -1
        var high = Int(mean.rounded(.down))
        while low < high {
            let middle = low + (high - low + 1) / 2
            if mass(middle) <= observed { low = middle } else { high = middle - 1 }
        }
        return min(1, survival(successes - 1) + cdf(low))
    }
}
