/// Intervals for the mean of independent values.
public enum MeanInterval {
    /// Student's: mean ± t s / √n; nil below two values.
    public static func student(_ moments: Moments, confidence: Double = 0.95) -> Interval? {
        guard let deviation = moments.standardDeviation else { return nil }
        let t = StudentDistribution(degreesOfFreedom: Double(moments.count - 1)).inverseSurvival((1 - confidence) / 2)
        let half = t * deviation / Double(moments.count).squareRoot()
        return Interval(lower: moments.mean - half, upper: moments.mean + half)
    }
}
