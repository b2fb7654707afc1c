internal import Domain
internal import Inference

/// A model as its configuration shows it: with narrower shapes, reshaped tensors, or some of its outputs only.
struct ConfiguredModel: ExecutableModel {
    let metadata: ModelMetadata
    private let model: any ExecutableModel
    /// For each input how the model has it; nil as it comes.
    private let inputChanges: [ShapeChange?]
    /// For each output how the caller has it; nil as it comes.
    private let outputChanges: [ShapeChange?]
    /// The place of each output among the model's own.
    private let outputPlaces: [Int]

    var isWorkBoundByShapes: Bool { model.isWorkBoundByShapes }
    var isAtHand: Bool { model.isAtHand }

    /// - Returns: the model itself where the configuration changes nothing.
    /// - Throws: `failedPrecondition`, naming what model and configuration do not agree about.
    static func of(
        _ model: any ExecutableModel, _ configuration: ModelConfiguration
    ) throws(MartletError) -> any ExecutableModel {
        let configured = try ConfiguredModel(model, configuration)
        return configured.isPlain ? model : configured
    }

    private init(_ model: any ExecutableModel, _ configuration: ModelConfiguration) throws(MartletError) {
        let own = model.metadata
        let check = ConfigurationCheck(isBatched: configuration.maxBatchSize > 0)
        try check.requireNames(configuration.inputs, among: own.inputs, "input")
        try check.requireNames(configuration.outputs, among: own.outputs, "output")
        var (inputs, inputChanges): ([TensorSpec], [ShapeChange?]) = ([], [])
        for spec in own.inputs {
            let wanted = configuration.inputs.first { $0.name == spec.name }
            let shown = try check.input(spec, wanted)
            inputs.append(shown.spec)
            inputChanges.append(shown.change?.reversed)
        }
        var (outputs, outputChanges, places): ([TensorSpec], [ShapeChange?], [Int]) = ([], [], [])
        for (place, spec) in own.outputs.enumerated() {
            let wanted = configuration.outputs.first { $0.name == spec.name }
            guard wanted != nil || configuration.outputs.isEmpty else { continue }
            let shown = try check.output(spec, wanted)
            outputs.append(shown.spec)
            outputChanges.append(shown.change)
            places.append(place)
        }
        self.model = model
        metadata = ModelMetadata(inputs: inputs, outputs: outputs, custom: own.custom)
        self.inputChanges = inputChanges
        self.outputChanges = outputChanges
        outputPlaces = places
    }

    private var isPlain: Bool {
        metadata == model.metadata && (inputChanges + outputChanges).allSatisfy { $0 == nil }
    }

    func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
        var arranged: [Tensor] = []
        arranged.reserveCapacity(inputs.count)
        for (input, change) in zip(inputs, inputChanges) {
            arranged.append(try change?.apply(input) ?? input)
        }
        let answers = try model.run(arranged, outputs: outputs.map { outputPlaces[$0] }, stop: stop)
        var shown: [Tensor] = []
        shown.reserveCapacity(answers.count)
        for (answer, place) in zip(answers, outputs) {
            guard let change = outputChanges[place] else {
                shown.append(answer)
                continue
            }
            do { shown.append(try change.apply(answer)) } catch {
                // It is not the caller who gave this shape.
                throw MartletError(
                    .internal,
                    "The output \"\(metadata.outputs[place].name)\" has the shape \(answer.shape), which the configuration cannot reshape.",
                    cause: error)
            }
        }
        return shown
    }
}
