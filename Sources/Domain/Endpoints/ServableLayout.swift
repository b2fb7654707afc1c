/// What the data plane knows of a model beside its file: written into the `MLmodel` files that the server makes (`metadata.martlet`).
public struct ServableLayout: Sendable, Hashable, Codable {
    public var columns: [FeatureColumn]
    public var predictionOutput: String
    public var scoreOutput: String?
    public var classes: [String]

    public init(columns: [FeatureColumn], predictionOutput: String, scoreOutput: String?, classes: [String]) {
        self.columns = columns
        self.predictionOutput = predictionOutput
        self.scoreOutput = scoreOutput
        self.classes = classes
    }

    public init(_ servable: ServableVersion) {
        self.init(
            columns: servable.columns, predictionOutput: servable.predictionOutput, scoreOutput: servable.scoreOutput,
            classes: servable.classes)
    }

    /// - Throws: `invalidArgument` if it names inputs or outputs that the model does not have.
    public func check(inputs: [TensorSpec], outputs: [TensorSpec]) throws(MartletError) {
        for output in [predictionOutput, scoreOutput].compactMap({ $0 })
        where !outputs.contains(where: { $0.name == output }) {
            throw .invalid("Its MLmodel file says that \(output) is an output, and the model has none of that name.")
        }
        for column in columns {
            guard let input = inputs.first(where: { $0.name == column.input }) else {
                throw .invalid(
                    "Its MLmodel file says that \(column.name) is in the input \(column.input), which the model does not have."
                )
            }
            let width = input.shape.count > 1 ? input.shape[1] : 1
            guard column.index >= 0, width < 0 || column.index < width else {
                throw .invalid(
                    "Its MLmodel file says that \(column.name) is at \(column.index) of the input \(column.input), which has \(width) columns."
                )
            }
        }
    }
}
