internal import Domain

/// Holds what a configuration says of tensors against what the model declares.
struct ConfigurationCheck {
    /// How a tensor is shown to callers.
    struct Shown {
        var spec: TensorSpec
        /// From the model's shape to the callers'; nil where they are the same.
        var change: ShapeChange?
    }

    /// Whether the first dimension of every tensor is a batch.
    let isBatched: Bool

    /// - Throws: `failedPrecondition`, naming one that the model has not.
    func requireNames(
        _ tensors: [ModelConfiguration.Tensor], among specs: [TensorSpec], _ side: String
    ) throws(MartletError) {
        for tensor in tensors where !specs.contains(where: { $0.name == tensor.name }) {
            throw .precondition(
                "The configuration has the \(side) \"\(tensor.name)\"; the model's are: "
                    + specs.map(\.name).joined(separator: ", ") + ".")
        }
    }

    /// - Throws: `failedPrecondition`.
    func input(_ spec: TensorSpec, _ wanted: ModelConfiguration.Tensor?) throws(MartletError) -> Shown {
        if isBatched, spec.shape.first != -1 {
            throw .precondition(
                "max_batch_size is above 0, and the input \"\(spec.name)\" of the shape \(spec.shape) has no open first dimension for a batch."
            )
        }
        guard let wanted else { return Shown(spec: spec) }
        try checkType(spec, wanted, "input")
        guard let own = wanted.reshape ?? wanted.dims else { return Shown(spec: spec) }
        let whole = (isBatched ? [-1] : []) + own
        guard whole.count == spec.shape.count, zip(whole, spec.shape).allSatisfy({ $1 == -1 || $0 == $1 }) else {
            throw .precondition(
                "The input \"\(spec.name)\" is configured as \(whole)\(isBatched ? " (the batch first)" : ""); the model takes \(spec.shape)."
            )
        }
        return try shown(spec, wanted, own: own)
    }

    /// Outputs are held to their types and ranks alone: models answer other sizes than they declare.
    ///
    /// - Throws: `failedPrecondition`.
    func output(_ spec: TensorSpec, _ wanted: ModelConfiguration.Tensor?) throws(MartletError) -> Shown {
        guard let wanted else { return Shown(spec: spec) }
        try checkType(spec, wanted, "output")
        guard let own = wanted.reshape ?? wanted.dims else { return Shown(spec: spec) }
        guard own.count + (isBatched ? 1 : 0) == spec.shape.count else {
            throw .precondition(
                "The output \"\(spec.name)\" is configured as \(own)\(isBatched ? " after the batch" : ""); the model gives \(spec.shape)."
            )
        }
        return try shown(spec, wanted, own: own)
    }

    private func checkType(
        _ spec: TensorSpec, _ wanted: ModelConfiguration.Tensor, _ side: String
    ) throws(MartletError) {
        guard let datatype = wanted.datatype, datatype != spec.datatype else { return }
        throw .precondition(
            "The \(side) \"\(spec.name)\" is configured as \(datatype.rawValue); the model's is \(spec.datatype.rawValue)."
        )
    }

    private func shown(
        _ spec: TensorSpec, _ wanted: ModelConfiguration.Tensor, own: [Int]
    ) throws(MartletError) -> Shown {
        let dims = wanted.dims ?? own
        var shown = Shown(spec: spec)
        shown.spec.shape = (isBatched ? [-1] : []) + dims
        guard dims != own else { return shown }
        let change = ShapeChange(from: own, to: dims, isBatched: isBatched)
        guard change.isSound else {
            throw .precondition(
                "The tensor \"\(spec.name)\" is configured as \(dims) and reshaped as \(own), which have not the same elements."
            )
        }
        shown.change = change
        return shown
    }
}
