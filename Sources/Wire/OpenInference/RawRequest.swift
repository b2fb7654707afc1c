public import Domain

/// A request whose whole body is the one input's raw bytes (`Inference-Header-Content-Length: 0`).
public enum RawRequest {
    /// The shape is the model's. One dimension that is open is told by the number of bytes; of two the first is the rows, of which
    /// there is one. BYTES are one element, without its length. All outputs are wanted raw.
    ///
    /// - Throws: `invalidArgument` where the model has several inputs or the shape cannot be told.
    public static func decode(
        _ body: UnsafeRawBufferPointer, inputs: [TensorSpec]
    ) throws(MartletError) -> OpenInferenceCall {
        guard let spec = inputs.first, inputs.count == 1 else {
            throw MartletError.invalid(
                "A body without JSON is for models with one input. This one takes: "
                    + inputs.map(\.name).joined(separator: ", ") + ".")
        }
        guard !body.isEmpty else {
            throw MartletError.invalid("The body is empty: the input \"\(spec.name)\" needs data.", field: spec.name)
        }
        let tensor: Tensor
        if spec.datatype == .bytes {
            guard spec.shape.allSatisfy({ $0 == -1 || $0 == 1 }) else { throw undeducible(spec) }
            tensor = try Tensor(
                shape: spec.shape.map { _ in 1 }, bytes: Array(body), offsets: [0, body.count])
        } else {
            tensor = try RawTensor.decode(
                body, datatype: spec.datatype, shape: try shape(spec, bytes: body.count), input: spec.name)
        }
        return OpenInferenceCall(
            request: InferenceRequest(inputs: [NamedTensor(name: spec.name, tensor: tensor)]),
            forms: OutputForms(isBinary: true))
    }

    private static func shape(_ spec: TensorSpec, bytes: Int) throws(MartletError) -> [Int] {
        var shape = spec.shape
        if shape.count(where: { $0 == -1 }) > 1, shape.first == -1 { shape[0] = 1 }
        guard let open = shape.firstIndex(of: -1) else { return shape }
        shape[open] = 1
        guard !shape.contains(-1), let count = Tensor.elementCount(of: shape),
            let unit = spec.datatype.elementBytes.map({ $0.multipliedReportingOverflow(by: count) }), !unit.overflow,
            unit.partialValue > 0
        else { throw undeducible(spec) }
        guard bytes.isMultiple(of: unit.partialValue) else {
            throw MartletError.invalid(
                "The input \"\(spec.name)\": \(bytes) bytes are not a multiple of the \(unit.partialValue) that the shape \(spec.shape) of \(spec.datatype.rawValue) takes.",
                field: spec.name)
        }
        shape[open] = bytes / unit.partialValue
        return shape
    }

    private static func undeducible(_ spec: TensorSpec) -> MartletError {
        .invalid(
            "The input \"\(spec.name)\": its shape \(spec.shape) cannot be told from a body without JSON.",
            field: spec.name)
    }
}
