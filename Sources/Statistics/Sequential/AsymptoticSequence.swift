/// An asymptotic confidence sequence for the mean of values of any range (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, theorem 2.2):
/// what the central limit theorem gives for one look, for all looks from a first one with enough values.
public enum AsymptoticSequence {
    /// x̄ ± s √(2(nρ² + 1) / (n²ρ²) ln(√(nρ² + 1) / α)).
    ///
    /// - Parameters:
    ///   - moments: of the values so far.
    ///   - tightestAt: the number of values at which the interval should be narrowest; sets ρ.
    /// - Returns: nil below two values. In the values' unit.
    public static func interval(_ moments: Moments, confidence: Double = 0.95, tightestAt: Int = 1_000) -> Interval? {
        guard let deviation = moments.standardDeviation else { return nil }
        let alpha = 1 - confidence
        let n = Double(moments.count)
        // The paper's equation 9.
        let logTerm = -2 * Elementary.log(alpha)
        let rhoSquared = (logTerm + Elementary.log(logTerm + 1)) / Double(max(1, tightestAt))
        let scale = n * rhoSquared + 1
        let half =
            deviation
            * (2 * scale / (n * n * rhoSquared) * Elementary.log(scale.squareRoot() / alpha)).squareRoot()
        return Interval(lower: moments.mean - half, upper: moments.mean + half)
    }
}
