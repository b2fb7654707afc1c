internal import Domain
internal import Inference

/// A request's inputs as the model gets them.
struct ArrangedInputs: Sendable {
    /// In the model's order.
    let tensors: [Tensor]
    /// What validation found; nil where all is well.
    let verdict: InputVerdict?

    var flags: [InputFlag] { verdict?.flags ?? [] }
}

extension ArrangedInputs {
    /// - Parameter tensors: in the model's order, checked against its signature.
    /// - Throws: `unprocessable` where the policy refuses their values.
    init(_ tensors: [Tensor], validatedBy rules: InputRules?) throws(MartletError) {
        verdict = try rules?.check(tensors)
        self.tensors = verdict?.clipped ?? tensors
    }

    /// What is recorded: what the model was given, so that the prediction can be computed again.
    func recorded(of call: Call) -> [NamedTensor] {
        guard let clipped = verdict?.clipped else { return call.request.inputs }
        return zip(call.model.metadata.inputs, clipped).map { NamedTensor(name: $0.name, tensor: $1) }
    }
}
