/// Where features, predictions and scores lie in the tensors of one version. Made once, shared by all of its observations.
public final class ObservationLayout: Sendable {
    public let columns: [FeatureColumn]
    private let predictionOutput: String?
    private let scoreOutput: String?
    private let classes: [String]
    private let inputNames: Set<String>
    /// Whether all columns are numbers of one input, and where each lies along its second dimension.
    private let isMatrix: Bool
    private let places: [Int]

    public init(
        columns: [FeatureColumn], predictionOutput: String? = nil, scoreOutput: String? = nil, classes: [String] = []
    ) {
        self.columns = columns
        self.predictionOutput = predictionOutput
        self.scoreOutput = scoreOutput
        self.classes = classes
        inputNames = Set(columns.map(\.input))
        isMatrix = inputNames.count == 1 && columns.allSatisfy { $0.kind == .numeric }
        places = columns.map(\.index)
    }

    public convenience init(_ version: ServableVersion) {
        self.init(
            columns: version.columns, predictionOutput: version.predictionOutput, scoreOutput: version.scoreOutput,
            classes: version.classes)
    }

    /// Those of a request's inputs that hold features.
    public func inputs(of inputs: [NamedTensor]) -> [NamedTensor] {
        inputs.allSatisfy { inputNames.contains($0.name) } ? inputs : inputs.filter { inputNames.contains($0.name) }
    }

    /// Those of an answer's outputs that hold predictions and scores.
    public func outputs(of outputs: [NamedTensor]) -> [NamedTensor] {
        let isNeeded = { (output: NamedTensor) in
            output.name == self.predictionOutput || output.name == self.scoreOutput
        }
        return outputs.allSatisfy(isNeeded) ? outputs : outputs.filter(isNeeded)
    }

    // MARK: features

    /// The values of one feature of so many rows.
    public func feature(_ index: Int, of inputs: [NamedTensor], rows: Int) -> Observation.ColumnValues {
        let column = columns[index]
        guard let tensor = inputs.first(where: { $0.name == column.input })?.tensor else {
            return column.kind == .numeric
                ? .numeric(.init(repeating: .nan, count: rows)) : .categorical(.init(repeating: nil, count: rows))
        }
        let width = Self.width(tensor)
        let count = tensor.elementCount
        let places = (0..<rows).map { $0 * width + column.index }
        switch column.kind {
        case .numeric:
            return .numeric(places.map { $0 < count ? tensor.number($0) ?? .nan : .nan })
        case .categorical:
            return .categorical(places.map { $0 < count ? Self.category(tensor, $0) : nil })
        }
    }

    /// Whether all features are numbers of one tensor.
    func isMatrix(_ inputs: [NamedTensor]) -> Bool {
        guard isMatrix, inputs.count == 1, columns.first?.input == inputs[0].name else { return false }
        return inputs[0].tensor.datatype == .fp32 || inputs[0].tensor.datatype == .fp64
    }

    /// Appends the values of every feature to its column, where `isMatrix`.
    func append(_ rows: Range<Int>, of inputs: [NamedTensor], to matrix: inout NumberMatrix) {
        let tensor = inputs[0].tensor
        let width = Self.width(tensor)
        tensor.bytes.withUnsafeBytes { bytes in
            if tensor.datatype == .fp32 {
                matrix.append(bytes, of: Float.self, rows: rows, width: width, places: places) { Double($0) }
            } else {
                matrix.append(bytes, of: Double.self, rows: rows, width: width, places: places) { $0 }
            }
        }
    }

    private static func width(_ tensor: Tensor) -> Int { tensor.shape.dropFirst().reduce(1, *) }

    private static func category(_ tensor: Tensor, _ place: Int) -> String? {
        if tensor.datatype == .bytes {
            let text = tensor.string(place)
            return text.isEmpty ? nil : text
        }
        guard let number = tensor.number(place), !number.isNaN else { return nil }
        return tensor.text(place)
    }

    // MARK: answers

    /// The predicted class or number of each row.
    func predictions(_ outputs: [NamedTensor], rows: Int) -> Observation.ColumnValues {
        guard let tensor = outputs.first(where: { $0.name == predictionOutput })?.tensor else {
            return .numeric([])
        }
        if predictionOutput == scoreOutput {
            return .categorical((0..<rows).map { className(Self.largest(tensor, row: $0)) })
        }
        let isClass = scoreOutput != nil || tensor.datatype == .bytes || tensor.datatype == .bool
        if isClass { return .categorical((0..<min(rows, tensor.elementCount)).map { tensor.text($0) }) }
        return .numeric((0..<min(rows, tensor.elementCount)).map { tensor.number($0) ?? .nan })
    }

    /// The last class's score where there are at most two, else the largest of the row.
    func scores(_ outputs: [NamedTensor], rows: Int) -> [Double] {
        guard let name = scoreOutput, let tensor = outputs.first(where: { $0.name == name })?.tensor,
            tensor.datatype != .bytes
        else { return [] }
        let width = Self.width(tensor)
        guard width > 0, tensor.elementCount >= rows * width else { return [] }
        return (0..<rows).map { row in
            let place = width <= 2 ? width - 1 : Self.largest(tensor, row: row)
            return tensor.number(row * width + place) ?? .nan
        }
    }

    private static func largest(_ tensor: Tensor, row: Int) -> Int {
        let width = width(tensor)
        guard width > 0, (row + 1) * width <= tensor.elementCount else { return 0 }
        return (0..<width).max {
            (tensor.number(row * width + $0) ?? -.infinity) < (tensor.number(row * width + $1) ?? -.infinity)
        } ?? 0
    }

    private func className(_ place: Int) -> String { place < classes.count ? classes[place] : String(place) }
}
