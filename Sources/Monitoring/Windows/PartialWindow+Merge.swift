import Domain
import Statistics

extension PartialWindow {
    /// Distinct keys of `predictionCounts`; others count under `otherPrediction`.
    static let predictionKeysMax = 512
    static let otherPrediction = "other"

    /// Adds a partial of the same version.
    ///
    /// Columns add up only where they were counted against the same reference; where they were not, those of the newer
    /// reference stay, since they are what the judge compares with.
    mutating func merge(_ other: PartialWindow) {
        start = min(start, other.start)
        if other.end > end { role = other.role }
        end = max(end, other.end)
        requests += other.requests
        errors += other.errors
        rejected += other.rejected
        latency.merge(other.latency, uniquingKeysWith: +)
        for (key, count) in other.predictionCounts { addPrediction(key, count) }
        mergeColumns(other)
    }

    private mutating func mergeColumns(_ other: PartialWindow) {
        guard let theirs = other.referenceBuiltAt else { return }
        guard let ours = referenceBuiltAt, ours >= theirs else {
            referenceBuiltAt = theirs
            rows = other.rows
            features = other.features
            prediction = other.prediction
            return
        }
        guard ours == theirs, features.count == other.features.count else { return }
        rows += other.rows
        for index in features.indices { features[index].merge(other.features[index]) }
        if let theirs = other.prediction {
            if prediction == nil { prediction = theirs } else { prediction?.merge(theirs) }
        }
    }

    mutating func addPrediction(_ key: String, _ count: Int) {
        let isKnown = predictionCounts[key] != nil || predictionCounts.count < Self.predictionKeysMax
        predictionCounts[isKnown ? key : Self.otherPrediction, default: 0] += count
    }

    /// The latency histogram.
    var latencyHistogram: LogHistogram { LogHistogram(counts: latency) }

    /// All partials of one version as one; nil without any.
    static func merged(_ partials: some Sequence<PartialWindow>) -> PartialWindow? {
        var result: PartialWindow?
        for partial in partials {
            if result == nil { result = partial } else { result?.merge(partial) }
        }
        return result
    }
}

extension PartialWindow.Column {
    mutating func merge(_ other: PartialWindow.Column) {
        guard counts.count == other.counts.count else { return }
        for index in counts.indices { counts[index] += other.counts[index] }
        missing += other.missing
        outOfRange += other.outOfRange
        var merged = moments
        merged.merge(other.moments)
        moments = merged
    }
}
