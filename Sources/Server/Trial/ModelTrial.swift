public import Domain
internal import Inference
internal import Wire

/// Loads a model file and runs it once, for a child process that may crash or be killed without harm.
public enum ModelTrial {
    /// - Parameters:
    ///   - path: the ONNX file.
    ///   - runtime: what is to serve it.
    ///   - goldenRequest: a request of the Open Inference Protocol in JSON; nil makes one row of ones, or of the text "a".
    /// - Throws: `unavailable` without a runtime, `failedPrecondition` for a file that cannot be loaded, and what running throws.
    public static func run(
        path: String, runtime choice: RuntimeChoice, goldenRequest: [UInt8]?
    ) throws(MartletError) -> TrialReport {
        let runtime = try choice.make()
        let model = try runtime.load(path: path)
        let body: [UInt8]
        if let goldenRequest {
            body = goldenRequest
        } else {
            body = try syntheticRequest(model.metadata.inputs)
        }
        let request = try OpenInferenceRequest.decode(body, as: .record)
        var inputs: [Tensor] = []
        for spec in model.metadata.inputs {
            guard let input = request.inputs.first(where: { $0.name == spec.name }) else {
                throw MartletError.invalid("The golden request lacks the input \"\(spec.name)\".", field: spec.name)
            }
            inputs.append(input.tensor)
        }
        let outputs = try model.run(inputs, outputs: Array(model.metadata.outputs.indices))
        let named = zip(model.metadata.outputs, outputs).map { NamedTensor(name: $0.name, tensor: $1) }
        let answer = InferenceResponse(
            model: "trial", version: 1, id: nil, predictionID: PredictionID(rawValue: "trial"), outputs: named)
        return TrialReport(
            inputs: model.metadata.inputs, outputs: model.metadata.outputs,
            goldenRequest: String(decoding: body, as: UTF8.self),
            goldenResponse: String(decoding: try OpenInferenceAnswer.encode(answer, as: .record), as: UTF8.self),
            runtime: runtime.identity, customMetadata: model.metadata.custom)
    }

    /// Elements of a synthetic row; a model that needs more must be given an example.
    static let elementsMax = 1 << 20

    static func syntheticRequest(_ inputs: [TensorSpec]) throws(MartletError) -> [UInt8] {
        var tensors: [NamedTensor] = []
        for spec in inputs {
            let shape = spec.shape.map { $0 == -1 ? 1 : $0 }
            guard let count = Tensor.elementCount(of: shape), count <= elementsMax else {
                throw MartletError.precondition("The input \(spec.name) is too large for a synthetic request.")
            }
            tensors.append(NamedTensor(name: spec.name, tensor: try Tensor.ones(spec.datatype, shape: shape)))
        }
        return try OpenInferenceAnswer.encode(InferenceRequest(inputs: tensors), as: .record)
    }
}
