/// Student's t distribution; `scipy.stats.t`.
public struct StudentDistribution: Sendable, Hashable {
    /// More than 0; +∞ is the normal distribution.
    public let degreesOfFreedom: Double

    public init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// P(T ≤ t).
    public func cdf(_ t: Double) -> Double { survival(-t) }

    /// P(T > t), precise where it is small: half an incomplete beta function (DLMF 8.17; Abramowitz and Stegun 26.7.1).
    public func survival(_ t: Double) -> Double {
        guard degreesOfFreedom > 0, !t.isNaN else { return .nan }
        if degreesOfFreedom == .infinity { return NormalDistribution.survival(t) }
        if t.isInfinite { return t > 0 ? 0 : 1 }
        let square = t * t
        let tail: Double
        if square.isInfinite {
            tail = 0
        } else {
            let total = degreesOfFreedom + square
            tail =
                SpecialFunctions.incompleteBeta(
                    degreesOfFreedom / 2, 0.5, degreesOfFreedom / total, complement: square / total
                ).lower / 2
        }
        return t >= 0 ? tail : 1 - tail
    }

    /// The t with P(T ≤ t) = p; `t.ppf`. ∓∞ for 0 and 1, NaN outside.
    public func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1, degreesOfFreedom > 0 else { return .nan }
        return p <= 0.5 ? -inverseSurvival(p) : inverseSurvival(1 - p)
    }

    /// The t with P(T > t) = q.
    public func inverseSurvival(_ q: Double) -> Double {
        guard q >= 0, q <= 1, degreesOfFreedom > 0 else { return .nan }
        if q > 0.5 { return -inverseSurvival(1 - q) }
        if q == 0.5 { return 0 }
        if q == 0 { return .infinity }
        let target = Elementary.log(q)
        return RootFinding.decreasing(from: NormalDistribution.inverseSurvival(q)) {
            Elementary.log(survival($0)) - target
        } ?? .nan
    }
}
