/// How much of the error level may be spent by a share of the information (Lan and DeMets 1983).
public enum AlphaSpending: Sendable, Hashable {
    /// 2 - 2Φ(z_{α/2} / √t): hardly anything early, like the bounds of O'Brien and Fleming (1979).
    case obrienFleming
    /// α ln(1 + (e - 1)t): about evenly, like the bounds of Pocock (1977).
    case pocock
    /// α tᵠ (Kim and DeMets 1987), φ more than 0; spotify-confidence's.
    case power(Double)
    /// α(1 - e^-γt) / (1 - e^-γ) (Hwang, Shih and DeCani 1990), γ not 0.
    case hwangShihDeCani(Double)

    /// Spent of `level` at the share `information`, 0…1.
    public func spent(_ information: Double, of level: Double) -> Double {
        let t = min(max(information, 0), 1)
        if t == 0 { return 0 }
        switch self {
        case .obrienFleming:
            return 2 * NormalDistribution.survival(NormalDistribution.inverseSurvival(level / 2) / t.squareRoot())
        case .pocock: return level * Elementary.logOnePlus(Elementary.expMinusOne(1) * t)
        case .power(let exponent): return level * Elementary.power(t, exponent)
        case .hwangShihDeCani(let gamma):
            return level * Elementary.expMinusOne(-gamma * t) / Elementary.expMinusOne(-gamma)
        }
    }
}
