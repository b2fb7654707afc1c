import Domain
import Statistics

/// Counts observations into partial windows. A value: no clock, no store, no lock.
struct WindowCounter {
    /// Length of a slot: the finest time that evidence can be asked for.
    static let slotMilliseconds: Int64 = 1_000
    /// Slots held if the store fails: ten minutes of ten versions. Beyond it the oldest go, and are counted.
    static let slotsMax = 6_000

    private struct Key: Hashable {
        var endpoint: String
        var version: Int
        var role: Variant.Role
        var slot: Int64
        /// Bins of different references do not share a slot.
        var referenceBuiltAt: Timestamp?
    }

    private var slots: [Key: PartialWindow] = [:]
    /// Slots lost because the store failed for too long.
    private(set) var lostSlots = 0

    /// Counts one request. `reference` is nil while there is none: then its rows are not counted here.
    mutating func add(_ observation: Observation, reference: VersionReference?) {
        let slot = observation.time.milliseconds / Self.slotMilliseconds * Self.slotMilliseconds
        let counted = observation.failure == nil ? reference : nil
        update(observation, slot, counted?.profile.builtAt) { window in
            Self.countRequest(observation, into: &window)
            if let counted { Self.countRows(observation, counted, into: &window) }
        }
    }

    /// Counts the rows of a request that was counted before its reference was known.
    mutating func addRows(_ observation: Observation, reference: VersionReference) {
        let slot = observation.time.milliseconds / Self.slotMilliseconds * Self.slotMilliseconds
        update(observation, slot, reference.profile.builtAt) { Self.countRows(observation, reference, into: &$0) }
    }

    /// Hands over all slots and forgets them.
    mutating func take() -> [PartialWindow] {
        defer { slots = [:] }
        return slots.values.sorted { ($0.start, $0.version) < ($1.start, $1.version) }
    }

    /// Takes back what could not be stored.
    mutating func putBack(_ partials: [PartialWindow]) {
        for partial in partials {
            let key = Key(
                endpoint: partial.endpoint, version: partial.version, role: partial.role,
                slot: partial.start.milliseconds, referenceBuiltAt: partial.referenceBuiltAt)
            if slots[key] == nil { slots[key] = partial } else { slots[key]?.merge(partial) }
        }
        if slots.count > Self.slotsMax {
            let surplus = slots.keys.sorted { $0.slot < $1.slot }.prefix(slots.count - Self.slotsMax)
            for key in surplus { slots[key] = nil }
            lostSlots += surplus.count
        }
    }

    private mutating func update(
        _ observation: Observation, _ slot: Int64, _ referenceBuiltAt: Timestamp?, _ body: (inout PartialWindow) -> Void
    ) {
        let key = Key(
            endpoint: observation.endpoint, version: observation.version, role: observation.role, slot: slot,
            referenceBuiltAt: referenceBuiltAt)
        let start = Timestamp(milliseconds: slot)
        body(
            &slots[
                key,
                default: PartialWindow(
                    endpoint: observation.endpoint, version: observation.version, role: observation.role, start: start,
                    end: Timestamp(milliseconds: slot + Self.slotMilliseconds))])
    }

    private static func countRequest(_ observation: Observation, into window: inout PartialWindow) {
        window.requests += 1
        switch observation.failure {
        case nil:
            window.latency[LogHistogram.bucket(nanoseconds: observation.latencyNanoseconds), default: 0] += 1
            countPredictions(observation.predictions, into: &window)
        case .internal, .unavailable, .deadlineExceeded:
            window.errors += 1
        default:
            window.rejected += 1
        }
    }

    private static func countPredictions(_ values: Observation.ColumnValues, into window: inout PartialWindow) {
        switch values {
        case .numeric(let numbers):
            for number in numbers { if let key = PredictionKey.key(number) { window.addPrediction(key, 1) } }
        case .categorical(let texts):
            for text in texts { if let key = PredictionKey.key(text) { window.addPrediction(key, 1) } }
        }
    }

    private static func countRows(
        _ observation: Observation, _ reference: VersionReference, into window: inout PartialWindow
    ) {
        guard observation.features.count == reference.features.count else { return }
        if window.referenceBuiltAt == nil {
            window.referenceBuiltAt = reference.profile.builtAt
            window.features = reference.features.map { PartialWindow.Column(binCount: $0.binCount) }
        }
        if window.prediction == nil {
            window.prediction = reference.prediction.map { PartialWindow.Column(binCount: $0.binCount) }
        }
        window.rows += observation.rows
        for (index, binning) in reference.features.enumerated() {
            binning.count(observation, feature: index, into: &window.features[index])
        }
        if let binning = reference.prediction, window.prediction != nil {
            // Unwrapped and put back at once: the optional holds the only reference, so no copy is made.
            var column = window.prediction ?? PartialWindow.Column(binCount: binning.binCount)
            window.prediction = nil
            binning.count(observation.predictions, into: &column)
            window.prediction = column
        }
    }
}
