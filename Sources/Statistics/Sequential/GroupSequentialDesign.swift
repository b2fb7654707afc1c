/// Bounds for a z statistic that is looked at a few planned times, with one error level for all looks together (Lan and DeMets 1983).
///
/// The joint distribution of the looks is carried from one to the next by numerical integration (Armitage, McPherson and Rowe 1969;
/// Jennison and Turnbull 2000, chapter 19) at Gauss-Legendre nodes: probabilities to about 1e-12. As R's `ldbounds` and `gsDesign`.
public struct GroupSequentialDesign: Sendable, Hashable {
    /// Share of the final information at each look, ascending, the last at most 1.
    public let information: [Double]
    /// For all looks together, 0…1.
    public let level: Double
    public let isTwoSided: Bool
    public let spending: AlphaSpending
    /// Reject at a look where |z| (z, if one-sided) reaches its bound; +∞ where nothing is to be spent yet.
    public let bounds: [Double]

    /// The weight of a bound beyond this is below the smallest Double that matters.
    private static let boundMax = 20.0

    /// - Parameters:
    ///   - level: two-sided, half of it is spent on either side.
    /// - Returns: nil where the information does not ascend within 0…1 or the level is out of range.
    public init?(
        information: [Double], level: Double = 0.05, isTwoSided: Bool = true, spending: AlphaSpending = .obrienFleming
    ) {
        guard level > 0, level < 1, let first = information.first, let last = information.last, first > 0, last <= 1,
            zip(information, information.dropFirst()).allSatisfy({ $0 < $1 })
        else { return nil }
        self.information = information
        self.level = level
        self.isTwoSided = isTwoSided
        self.spending = spending
        // Each side's function is that of its own half, as in ldbounds.
        let sides = isTwoSided ? 2.0 : 1.0
        var walk = LookWalk(drift: 0, isTwoSided: isTwoSided)
        var bounds: [Double] = []
        var spentBefore = 0.0
        for t in information {
            let spent = sides * spending.spent(t, of: level / sides)
            let target = spent - spentBefore
            let root =
                target > 0
                ? RootFinding.brent(-Self.boundMax, Self.boundMax) { z in
                    Elementary.log(max(walk.exitProbability(at: t, bound: z), 1e-300)) - Elementary.log(target)
                } : nil
            bounds.append(root ?? .infinity)
            walk.advance(to: t, bound: min(bounds[bounds.count - 1], Self.boundMax))
            spentBefore = spent
        }
        self.bounds = bounds
    }

    /// The chance of rejecting at each look.
    ///
    /// - Parameter drift: the mean of z at full information: effect × √information; 0 gives the error spent, others the power.
    public func exitProbabilities(drift: Double) -> [Double] {
        var walk = LookWalk(drift: drift, isTwoSided: isTwoSided)
        var exits: [Double] = []
        for (t, bound) in zip(information, bounds) {
            exits.append(bound.isFinite ? walk.exitProbability(at: t, bound: bound) : 0)
            walk.advance(to: t, bound: min(bound, Self.boundMax))
        }
        return exits
    }
}

/// The sub-density of the score W = Z√t among the paths that have not been stopped, at quadrature nodes.
private struct LookWalk {
    let drift: Double
    let isTwoSided: Bool
    private var time = 0.0
    private var nodes: [Double] = [0]
    /// Density times quadrature weight.
    private var masses: [Double] = [1]

    /// A one-sided walk has no lower bound; what lies more than this many deviations below its mean is left out.
    private static let reach = 9.0

    init(drift: Double, isTwoSided: Bool) {
        self.drift = drift
        self.isTwoSided = isTwoSided
    }

    func exitProbability(at t: Double, bound: Double) -> Double {
        let root = (t - time).squareRoot()
        let step = drift * (t - time)
        let limit = bound * t.squareRoot()
        var sum = 0.0
        for (node, mass) in zip(nodes, masses) {
            sum += mass * NormalDistribution.survival((limit - node - step) / root)
            if isTwoSided { sum += mass * NormalDistribution.cdf((-limit - node - step) / root) }
        }
        return sum
    }

    mutating func advance(to t: Double, bound: Double) {
        let root = (t - time).squareRoot()
        let step = drift * (t - time)
        let high = min(bound * t.squareRoot(), drift * t + Self.reach * t.squareRoot())
        let low = max(isTwoSided ? -bound * t.squareRoot() : -.infinity, drift * t - Self.reach * t.squareRoot())
        guard low < high else {
            masses = []
            nodes = []
            return
        }
        // Six nodes to the deviation of a step resolve its density.
        let count = max(48, min(600, Int(6 * (high - low) / root) + 16))
        let rule = GaussLegendre(count: count)
        var nextNodes: [Double] = []
        var nextMasses: [Double] = []
        for (x, weight) in zip(rule.nodes, rule.weights) {
            let w = low + (high - low) / 2 * (x + 1)
            var density = 0.0
            for (node, mass) in zip(nodes, masses) {
                density += mass * NormalDistribution.density((w - node - step) / root)
            }
            nextNodes.append(w)
            nextMasses.append(density / root * weight * (high - low) / 2)
        }
        nodes = nextNodes
        masses = nextMasses
        time = t
    }
}
