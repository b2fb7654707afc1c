import Domain

/// Which column of a reference file is which feature, and which is the prediction.
struct ReferenceLayout {
    struct Feature {
        var name: String
        var kind: FeatureColumn.Kind
        var index: Int
    }
    struct Prediction {
        var index: Int
        /// Whether it is the truth, not what a model said.
        var isLabel: Bool
    }

    let features: [Feature]
    let prediction: Prediction?
    /// What a reader should know, beginning with a semicolon; empty where all is plain.
    let note: String

    /// - Throws: `invalidArgument`, naming the columns that are missing.
    init(header: [String], path: String, servable: ServableVersion) throws {
        let places = Dictionary(zip(header, header.indices), uniquingKeysWith: { first, _ in first })
        let predictionPlace = ReferenceProfiler.predictionNames.lazy.compactMap { places[$0] }.first
        let labelPlace = (ReferenceProfiler.labelNames + [servable.predictionOutput]).lazy.compactMap { places[$0] }
            .first
        prediction =
            predictionPlace.map { Prediction(index: $0, isLabel: false) }
            ?? labelPlace.map { Prediction(index: $0, isLabel: true) }
        let absent = servable.columns.filter { places[$0.name] == nil }.map(\.name)
        if absent.isEmpty {
            features = servable.columns.map { Feature(name: $0.name, kind: $0.kind, index: places[$0.name] ?? 0) }
            note = ""
            return
        }
        // A model trained on a bare matrix has no names of its own: then the file's order is the model's.
        let special = Set([predictionPlace, labelPlace].compactMap { $0 })
        let rest = header.indices.filter { !special.contains($0) && !header[$0].isEmpty && header[$0] != "Unnamed: 0" }
        guard absent.count == servable.columns.count, rest.count == servable.columns.count else {
            throw MartletError.invalid(
                "The reference \(path) lacks the model's columns \(absent.prefix(10).joined(separator: ", ")).")
        }
        features = zip(servable.columns, rest).map { Feature(name: $0.name, kind: $0.kind, index: $1) }
        note = "; columns taken by position, since the model has no names for them"
    }

    func batch(_ rows: [[String]], predictionKind: FeatureColumn.Kind?) -> ProfileBuilder.Batch {
        ProfileBuilder.Batch(
            rows: rows.count,
            features: features.map { Self.values(rows, $0.index, $0.kind) },
            prediction: prediction.flatMap { place in predictionKind.map { Self.values(rows, place.index, $0) } })
    }

    private static func values(_ rows: [[String]], _ index: Int, _ kind: FeatureColumn.Kind) -> Observation.ColumnValues
    {
        switch kind {
        case .numeric: .numeric(rows.map { $0.indices.contains(index) ? number($0[index]) : .nan })
        case .categorical: .categorical(rows.map { $0.indices.contains(index) && !$0[index].isEmpty ? $0[index] : nil })
        }
    }

    /// NaN for what is not a number; pandas writes booleans as words.
    private static func number(_ text: String) -> Double {
        switch text {
        case "True", "true": 1
        case "False", "false": 0
        default: Double(text) ?? .nan
        }
    }
}
