/// The Page-Hinkley test (Page 1954; Hinkley 1971) in the faded form and with the rules and defaults of river 0.26.
///
/// Deviations from the running mean are summed with a fading factor; an alarm when the sum has risen by more than `threshold` over its
/// minimum (or fallen under its maximum). The threshold is in the values' unit times their number, so the default of 50 suits errors
/// 0/1 and alarms all the time on values with a deviation of 1: standardise, or use `CUSUM`. O(1).
public struct PageHinkley: DriftDetector, Hashable, Codable {
    /// Which changes of the mean count.
    public enum Direction: String, Sendable, Hashable, Codable {
        case up
        case down
        case both
    }

    /// Values before the first judgement.
    public let valuesMin: Int
    /// Change of the mean that is tolerated, in the values' unit.
    public let delta: Double
    public let threshold: Double
    /// Fading factor of the sums, 0…1.
    public let alpha: Double
    public let direction: Direction

    private var count = 0
    private var mean = 0.0
    private var rise = 0.0
    private var fall = 0.0
    private var riseMinimum: Double?
    /// Begins at -1, as in river.
    private var fallMaximum = -1.0
    private var hasDrifted = false

    public init(
        valuesMin: Int = 30, delta: Double = 0.005, threshold: Double = 50, alpha: Double = 1 - 0.0001,
        direction: Direction = .both
    ) {
        self.valuesMin = valuesMin
        self.delta = delta
        self.threshold = threshold
        self.alpha = alpha
        self.direction = direction
    }

    @discardableResult
    public mutating func insert(_ value: Double) -> DriftSignal {
        if hasDrifted {
            self = PageHinkley(
                valuesMin: valuesMin, delta: delta, threshold: threshold, alpha: alpha, direction: direction)
        }
        guard !value.isNaN else { return .none }
        count += 1
        mean += 1 / Double(count) * (value - mean)
        let deviation = value - mean
        rise = alpha * rise + deviation - delta
        fall = alpha * fall + deviation + delta
        let lowest = min(rise, riseMinimum ?? rise)
        riseMinimum = lowest
        fallMaximum = max(fall, fallMaximum)
        guard count >= valuesMin else { return .none }
        let hasRisen = direction != .down && rise - lowest > threshold
        let hasFallen = direction != .up && fallMaximum - fall > threshold
        hasDrifted = hasRisen || hasFallen
        return hasDrifted ? .drift : .none
    }
}
