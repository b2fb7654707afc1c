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
        let counted = observation.failure == nil ? reference : nil
        update(key(observation, counted?.profile.builtAt)) { window in
            Self.countRequest(observation, into: &window)
            if let counted { Self.countRows([observation], [0], counted, into: &window) }
        }
    }

    /// Counts answered requests of one version: the same as one by one, but that their numbers are gathered column by column first,
    /// which makes counting several times as fast.
    mutating func add(_ batch: [Observation], at indices: [Int], reference: VersionReference) {
        var groups: [Key: [Int]] = [:]
        for index in indices { groups[key(batch[index], reference.profile.builtAt), default: []].append(index) }
        for (key, indices) in groups {
            update(key) { window in
                for index in indices { Self.countRequest(batch[index], into: &window) }
                Self.countRows(batch, indices, reference, into: &window)
            }
        }
    }

    /// Counts the rows of a request that was counted before its reference was known.
    mutating func addRows(_ observation: Observation, reference: VersionReference) {
        update(key(observation, reference.profile.builtAt)) { Self.countRows([observation], [0], reference, into: &$0) }
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

    private func key(_ observation: Observation, _ referenceBuiltAt: Timestamp?) -> Key {
        Key(
            endpoint: observation.endpoint, version: observation.version, role: observation.role,
            slot: observation.time.milliseconds / Self.slotMilliseconds * Self.slotMilliseconds,
            referenceBuiltAt: referenceBuiltAt)
    }

    private mutating func update(_ key: Key, _ body: (inout PartialWindow) -> Void) {
        body(
            &slots[
                key,
                default: PartialWindow(
                    endpoint: key.endpoint, version: key.version, role: key.role,
                    start: Timestamp(milliseconds: key.slot),
                    end: Timestamp(milliseconds: key.slot + Self.slotMilliseconds))])
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
        _ batch: [Observation], _ indices: [Int], _ reference: VersionReference, into window: inout PartialWindow
    ) {
        let indices = indices.filter { batch[$0].features.count == reference.features.count }
        guard !indices.isEmpty else { return }
        if window.referenceBuiltAt == nil {
            window.referenceBuiltAt = reference.profile.builtAt
            window.features = reference.features.map { PartialWindow.Column(binCount: $0.binCount) }
        }
        if window.prediction == nil {
            window.prediction = reference.prediction.map { PartialWindow.Column(binCount: $0.binCount) }
        }
        countFeatures(batch, indices, reference, into: &window)
        guard let binning = reference.prediction else { return }
        // Unwrapped and put back at once: the optional holds the only reference, so no copy is made.
        var column = window.prediction ?? PartialWindow.Column(binCount: binning.binCount)
        window.prediction = nil
        for index in indices { binning.count(batch[index].predictions, into: &column) }
        window.prediction = column
    }

    /// Rows whose numbers are gathered before they are counted: more fill no vector better, and leave the nearest caches.
    private static let gatheredRowsMax = 512

    private static func countFeatures(
        _ batch: [Observation], _ indices: [Int], _ reference: VersionReference, into window: inout PartialWindow
    ) {
        let rows = indices.reduce(0) { $0 + batch[$1].rows }
        window.rows += rows
        var matrix = NumberMatrix(columns: reference.features.count, rowsMax: min(rows, gatheredRowsMax))
        for index in indices {
            guard batch[index].isMatrix else {
                for (feature, binning) in reference.features.enumerated() {
                    binning.count(batch[index].feature(feature), into: &window.features[feature])
                }
                continue
            }
            var row = 0
            while row < batch[index].rows {
                if matrix.rowCount == matrix.rowsMax { count(&matrix, reference, into: &window) }
                let end = min(batch[index].rows, row + matrix.rowsMax - matrix.rowCount)
                batch[index].append(row..<end, to: &matrix)
                row = end
            }
        }
        count(&matrix, reference, into: &window)
    }

    private static func count(
        _ matrix: inout NumberMatrix, _ reference: VersionReference, into window: inout PartialWindow
    ) {
        for (feature, binning) in reference.features.enumerated() {
            matrix.withColumn(feature) { binning.count($0, into: &window.features[feature]) }
        }
        matrix.removeRows()
    }
}
