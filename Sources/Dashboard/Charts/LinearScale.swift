/// Maps a range of values to a range of pixels, with ticks at round numbers.
struct LinearScale: Sendable, Hashable {
    let lower: Double
    let upper: Double
    let pixelsAtLower: Double
    let pixelsAtUpper: Double

    /// The least range that holds all finite `values`, both ends widened to multiples of a round step.
    ///
    /// No finite value gives 0…1; one single value gets room around it.
    init(covering values: [Double], pixelsAtLower: Double, pixelsAtUpper: Double, ticksAtMost: Int = 5) {
        let finite = values.filter(\.isFinite)
        var low = finite.min() ?? 0
        var high = finite.max() ?? 1
        if low == high {
            let room = low == 0 ? 1 : low.magnitude * 0.1
            if low < 0 || low - room >= 0 { low -= room }
            high += room
        }
        let step = Self.roundStep(span: high - low, ticksAtMost: ticksAtMost)
        lower = (low / step).rounded(.down) * step
        upper = (high / step).rounded(.up) * step
        self.pixelsAtLower = pixelsAtLower
        self.pixelsAtUpper = pixelsAtUpper
    }

    /// Exactly the range `lower…upper`; one single value sits in the middle.
    init(from lower: Double, to upper: Double, pixelsAtLower: Double, pixelsAtUpper: Double) {
        self.lower = lower
        self.upper = upper
        self.pixelsAtLower = pixelsAtLower
        self.pixelsAtUpper = pixelsAtUpper
    }

    func position(_ value: Double) -> Double {
        guard upper > lower else { return (pixelsAtLower + pixelsAtUpper) / 2 }
        let share = (value - lower) / (upper - lower)
        return pixelsAtLower + min(max(share, 0), 1) * (pixelsAtUpper - pixelsAtLower)
    }

    /// Round numbers within the range, ascending; at most `count + 1`.
    func ticks(atMost count: Int = 5) -> [Double] {
        guard upper > lower else { return [lower] }
        let step = Self.roundStep(span: upper - lower, ticksAtMost: count)
        let first = (lower / step).rounded(.up)
        let last = (upper / step + 1e-9).rounded(.down)
        guard last >= first, last - first <= 100 else { return [lower, upper] }
        return stride(from: first, through: last, by: 1).map { $0 * step }
    }

    /// The least of 1, 2, 2.5, 5 times a power of ten that divides the span into at most `ticksAtMost` parts.
    static func roundStep(span: Double, ticksAtMost: Int) -> Double {
        guard span.isFinite, span > 0 else { return 1 }
        let raw = span / Double(max(1, ticksAtMost))
        var power = 1.0
        while power > raw { power /= 10 }
        while power * 10 <= raw { power *= 10 }
        for factor in [1, 2, 2.5, 5] where power * factor >= raw * (1 - 1e-9) { return power * factor }
        return power * 10
    }
}
