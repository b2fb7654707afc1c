internal import Domain

/// Takes features, predictions and scores out of tensors, column by column, for observation.
enum RowExtraction {
    /// Rows of one request that are observed; a larger batch is observed in its first so many rows, to bound the tap's cost.
    static let rowsMax = 10_000

    static func features(_ inputs: [NamedTensor], columns: [FeatureColumn], rows: Int) -> [Observation.ColumnValues] {
        columns.map { column in
            guard let tensor = inputs.first(where: { $0.name == column.input })?.tensor else {
                return column.kind == .numeric
                    ? .numeric(.init(repeating: .nan, count: rows)) : .categorical(.init(repeating: nil, count: rows))
            }
            let width = tensor.shape.dropFirst().reduce(1, *)
            let places = (0..<rows).map { $0 * width + column.index }
            let count = tensor.elementCount
            switch column.kind {
            case .numeric:
                return .numeric(places.map { $0 < count ? tensor.number($0) ?? .nan : .nan })
            case .categorical:
                return .categorical(places.map { $0 < count ? category(tensor, $0) : nil })
            }
        }
    }

    private static func category(_ tensor: Tensor, _ place: Int) -> String? {
        if tensor.datatype == .bytes {
            let text = tensor.string(place)
            return text.isEmpty ? nil : text
        }
        guard let number = tensor.number(place), !number.isNaN else { return nil }
        return tensor.text(place)
    }

    /// The predicted class or number of each row.
    static func predictions(_ outputs: [NamedTensor], version: ServableVersion, rows: Int) -> Observation.ColumnValues {
        guard let tensor = outputs.first(where: { $0.name == version.predictionOutput })?.tensor else {
            return .numeric([])
        }
        if version.predictionOutput == version.scoreOutput {
            return .categorical((0..<rows).map { className(largest(tensor, row: $0), version) })
        }
        let isClass = version.scoreOutput != nil || tensor.datatype == .bytes || tensor.datatype == .bool
        if isClass { return .categorical((0..<min(rows, tensor.elementCount)).map { tensor.text($0) }) }
        return .numeric((0..<min(rows, tensor.elementCount)).map { tensor.number($0) ?? .nan })
    }

    /// The last class's score where there are at most two, else the largest of the row.
    static func scores(_ outputs: [NamedTensor], version: ServableVersion, rows: Int) -> [Double] {
        guard let name = version.scoreOutput, let tensor = outputs.first(where: { $0.name == name })?.tensor,
            tensor.datatype != .bytes
        else { return [] }
        let width = tensor.shape.dropFirst().reduce(1, *)
        guard width > 0, tensor.elementCount >= rows * width else { return [] }
        return (0..<rows).map { row in
            let place = width <= 2 ? width - 1 : largest(tensor, row: row)
            return tensor.number(row * width + place) ?? .nan
        }
    }

    private static func largest(_ tensor: Tensor, row: Int) -> Int {
        let width = tensor.shape.dropFirst().reduce(1, *)
        guard width > 0, (row + 1) * width <= tensor.elementCount else { return 0 }
        return (0..<width).max {
            (tensor.number(row * width + $0) ?? -.infinity) < (tensor.number(row * width + $1) ?? -.infinity)
        } ?? 0
    }

    private static func className(_ place: Int, _ version: ServableVersion) -> String {
        place < version.classes.count ? version.classes[place] : String(place)
    }
}
