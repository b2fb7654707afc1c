import Domain

/// Collects the first live rows of a version that has no reference (or none for its prediction) until there are enough.
struct LiveReference {
    /// Enough that a decile holds 100 rows.
    static let rowsWanted = 1_000
    /// Values held at most while collecting: 8 MiB.
    static let valuesMax = 1 << 20

    private var observations: [Observation] = []
    private(set) var rows = 0
    private var values = 0

    /// - Returns: whether there are enough now.
    mutating func add(_ observation: Observation) -> Bool {
        guard observation.failure == nil, observation.rows > 0 else { return false }
        var observation = observation
        observation.readAnswer()
        observations.append(observation)
        rows += observation.rows
        values += observation.rows * (observation.features.count + 1)
        return rows >= Self.rowsWanted || values >= Self.valuesMax
    }

    /// A whole reference.
    func reference(
        version: ModelVersionID, columns: [FeatureColumn], reason: String, now: Timestamp
    ) -> ReferenceProfile {
        let usable = observations.filter { $0.features.count == columns.count }
        let profile = ProfileBuilder.build(
            columns: columns.map { ($0.name, $0.kind) }, prediction: ("prediction", predictionKind),
            batches: { body in
                for entry in usable {
                    body(
                        .init(
                            rows: entry.rows, features: columns.indices.map(entry.feature),
                            prediction: entry.predictions))
                }
            })
        return ReferenceProfile(
            version: version, origin: .firstLiveRows, predictionOrigin: .firstLiveRows,
            detail:
                "The first \(profile.rows) live rows, since \(reason). Drift that was already there cannot be seen.",
            profile: profile, builtAt: now)
    }

    /// The reference with the first live predictions in place of the labels, or of nothing.
    func completing(_ reference: ReferenceProfile, now: Timestamp) -> ReferenceProfile {
        let name = reference.profile.prediction?.name ?? "prediction"
        let predictions = ProfileBuilder.build(
            columns: [], prediction: (name, predictionKind),
            batches: { body in
                for entry in observations { body(.init(rows: entry.rows, features: [], prediction: entry.predictions)) }
            })
        var result = reference
        result.profile.prediction = predictions.prediction
        result.predictionOrigin = .firstLiveRows
        result.detail += " Predictions are compared with the first \(rows) live ones."
        result.builtAt = now
        return result
    }

    /// Classes are categories, also when they are numbered: few distinct whole numbers are taken for classes.
    private var predictionKind: FeatureColumn.Kind {
        var distinct: Set<Double> = []
        for observation in observations {
            guard case .numeric(let numbers) = observation.predictions else { return .categorical }
            for number in numbers where !number.isNaN {
                guard number.rounded() == number else { return .numeric }
                distinct.insert(number)
                if distinct.count > ColumnSurvey.distinctNumbersMax { return .numeric }
            }
        }
        return .categorical
    }
}
