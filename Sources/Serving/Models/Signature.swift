internal import Domain
internal import Inference

/// Checks a request against what the model takes.
struct Signature {
    private let model: LoadedModel
    private var metadata: ModelMetadata { model.metadata }

    init(_ model: LoadedModel) {
        self.model = model
    }

    /// The request's tensors in the model's order.
    ///
    /// - Throws: `invalidArgument`, naming the input.
    func arrange(_ inputs: [NamedTensor]) throws(MartletError) -> [Tensor] {
        var arranged: [Tensor] = []
        arranged.reserveCapacity(metadata.inputs.count)
        var rows: Int?
        for (place, spec) in metadata.inputs.enumerated() {
            guard let input = inputs.first(where: { $0.name == spec.name }) else {
                throw MartletError.invalid("The input \"\(spec.name)\" is missing.", field: spec.name)
            }
            try check(input.tensor, spec, columns: model.columnCounts[place])
            // A first dimension of any size is the rows, which all inputs share.
            if spec.shape.first == -1, spec.shape.count == input.tensor.shape.count {
                if let rows, rows != input.tensor.rows {
                    throw MartletError.invalid(
                        "The input \"\(spec.name)\" has \(input.tensor.rows) rows where another has \(rows).",
                        field: spec.name)
                }
                rows = input.tensor.rows
            }
            arranged.append(input.tensor)
        }
        if let rows, let rowsMax = model.rule?.maxRows, rows > rowsMax {
            throw MartletError.invalid("The request has \(rows) rows; the model takes \(rowsMax) at most.")
        }
        if inputs.count > arranged.count,
            let unknown = inputs.first(where: { input in !metadata.inputs.contains { $0.name == input.name } })
        {
            throw MartletError.invalid(
                "The model has no input \"\(unknown.name)\". It takes: "
                    + metadata.inputs.map(\.name).joined(separator: ", ") + ".", field: unknown.name)
        }
        return arranged
    }

    /// - Throws: `invalidArgument`, naming an output that the model has not.
    func check(outputs: [String]?) throws(MartletError) {
        for name in outputs ?? [] {
            guard metadata.outputs.contains(where: { $0.name == name }) else {
                throw MartletError.invalid(
                    "The model has no output \"\(name)\". It gives: "
                        + metadata.outputs.map(\.name).joined(separator: ", ") + ".", field: name)
            }
        }
    }

    private func check(_ tensor: Tensor, _ spec: TensorSpec, columns: Int) throws(MartletError) {
        guard tensor.datatype == spec.datatype else {
            throw MartletError.invalid(
                "The input \"\(spec.name)\" is \(tensor.datatype.rawValue); the model takes \(spec.datatype.rawValue).",
                field: spec.name)
        }
        let fits =
            tensor.shape.count == spec.shape.count && zip(tensor.shape, spec.shape).allSatisfy { $1 == -1 || $0 == $1 }
        guard fits else {
            throw MartletError.invalid(
                "The input \"\(spec.name)\" has the shape \(tensor.shape); the model takes \(spec.shape) (-1 is any).",
                field: spec.name)
        }
        guard tensor.elementCount > 0 else {
            throw MartletError.invalid("The input \"\(spec.name)\" holds no elements.", field: spec.name)
        }
        // Some runtimes read past the end of rows that are too short, so a width left open is checked by the columns known.
        if spec.shape.count == 2, spec.shape[1] == -1, columns > 0, tensor.shape[1] != columns {
            throw MartletError.invalid(
                "The input \"\(spec.name)\" has \(tensor.shape[1]) columns; the model takes \(columns).",
                field: spec.name)
        }
    }
}
