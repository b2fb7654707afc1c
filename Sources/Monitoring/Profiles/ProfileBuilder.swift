import Domain

/// Makes the profile of rows that are given in batches twice: once to find the bins, once to count.
struct ProfileBuilder {
    /// One batch of rows by column: a value list a feature, and the predictions if there are any.
    struct Batch {
        var rows: Int
        var features: [Observation.ColumnValues]
        var prediction: Observation.ColumnValues?
    }

    /// - Parameters:
    ///   - columns: name and kind of each feature, in the order of a batch's `features`.
    ///   - prediction: name and kind of the prediction; nil where batches hold none.
    ///   - batches: called twice; gives the same rows both times.
    static func build(
        columns: [(name: String, kind: FeatureColumn.Kind)], prediction: (name: String, kind: FeatureColumn.Kind)?,
        batches: ((Batch) -> Void) throws -> Void
    ) rethrows -> Profile {
        var surveys = columns.map { ColumnSurvey(name: $0.name, kind: $0.kind) }
        var predictionSurvey = prediction.map { ColumnSurvey(name: $0.name, kind: $0.kind) }
        try batches { batch in
            for index in surveys.indices { surveys[index].look(at: batch.features[index]) }
            if let values = batch.prediction { predictionSurvey?.look(at: values) }
        }
        let empty = surveys.map { $0.empty() }
        let binnings = empty.map(ColumnBinning.init)
        let emptyPrediction = predictionSurvey?.empty()
        let predictionBinning = emptyPrediction.map(ColumnBinning.init)
        var counted = binnings.map { PartialWindow.Column(binCount: $0.binCount) }
        var countedPrediction = PartialWindow.Column(binCount: predictionBinning?.binCount ?? 0)
        var rows = 0
        try batches { batch in
            rows += batch.rows
            for index in binnings.indices { binnings[index].count(batch.features[index], into: &counted[index]) }
            if let values = batch.prediction { predictionBinning?.count(values, into: &countedPrediction) }
        }
        return Profile(
            rows: rows, features: zip(empty, counted).map { reference($0, $1) },
            prediction: emptyPrediction.map { reference($0, countedPrediction) })
    }

    /// A reference's own rare categories are not out of its range.
    private static func reference(_ empty: FeatureProfile, _ column: PartialWindow.Column) -> FeatureProfile {
        var profile = FeatureProfile(like: empty, counted: column)
        profile.outOfRange = 0
        profile.minimum = profile.minimum ?? empty.minimum
        profile.maximum = profile.maximum ?? empty.maximum
        return profile
    }
}
