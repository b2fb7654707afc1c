public import Domain

/// The features of a recorded prediction, row by row, as text.
public enum RecordedFeatures {
    /// How many rows the request had.
    ///
    /// - Throws: `internal` if the record cannot be read.
    public static func count(_ record: PredictionRecord) throws(MartletError) -> Int {
        try TensorRecord.decode(record.input).first?.tensor.shape.first ?? 1
    }

    /// Numbers with every digit that they have; a missing value is empty.
    ///
    /// - Throws: `internal` if the record cannot be read.
    public static func rows(_ record: PredictionRecord, columns: [FeatureColumn]) throws(MartletError) -> [[String]] {
        let inputs = try TensorRecord.decode(record.input)
        let count = inputs.first?.tensor.shape.first ?? 0
        let layout = ObservationLayout(columns: columns)
        let features = columns.indices.map { layout.feature($0, of: inputs, rows: count) }
        return (0..<count).map { row in
            features.map { column in
                switch column {
                case .numeric(let values): values[row].isNaN ? "" : "\(values[row])"
                case .categorical(let values): values[row] ?? ""
                }
            }
        }
    }
}
