public import Domain

/// One call of `ModelInfer`: whom it asks, and what.
///
/// Rules where the protocol leaves room:
/// - Tensors come in `raw_input_contents`, one for every input in the order of `inputs` and of exactly the shape's bytes, or all in
///   `contents`. Both in one request are refused.
/// - `contents` must be in the field of the tensor's datatype; a number out of the datatype's range is refused. FP16 and BF16 have none.
/// - An input or output that stands twice is refused. Parameters are ignored but for `business_key`, `timeout` and `priority`, and an output's
///   `classification`.
/// - Memory grows with the bytes that were sent, never with a shape that was claimed.
public struct ModelInferRequest: Sendable {
    public let model: String
    /// nil leaves the choice to the endpoint.
    public let version: Int?
    public let request: InferenceRequest

    /// - Throws: `invalidArgument`, naming the input or the field at fault; `notFound` for a version that is no number.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(MartletError) -> ModelInferRequest {
        var reader = ModelInferRequestReader()
        try reader.read(bytes)
        return ModelInferRequest(
            model: reader.model, version: try ServedVersion.number(reader.version, of: reader.model),
            request: InferenceRequest(
                id: reader.id.isEmpty ? nil : reader.id, businessKey: reader.businessKey,
                inputs: try reader.tensors(), outputs: reader.outputs.isEmpty ? nil : reader.outputs,
                classifications: reader.classifications, timeout: reader.timeout, priority: reader.priority))
    }
}

/// A version as messages name it: its number as text, or nothing.
enum ServedVersion {
    static func number(_ text: String, of model: String) throws(MartletError) -> Int? {
        guard !text.isEmpty else { return nil }
        guard let version = Int(text), version > 0 else {
            throw MartletError.notFound(
                "There is no version \(text.prefix(64)) of \(model): versions are numbers from 1 on.")
        }
        return version
    }
}

/// The fields of a `ModelInferRequest` as they come: in any order.
private struct ModelInferRequestReader {
    /// One element of `inputs`. Its tensor is made when all of the message has been seen.
    struct Input {
        var name = ""
        var datatype: Datatype?
        var shape: [Int] = []
        /// The bytes of the message `InferTensorContents`.
        var contents: UnsafeRawBufferPointer?
    }

    var model = ""
    var version = ""
    var id = ""
    var businessKey: String?
    var inputs: [Input] = []
    var timeout: Duration?
    var priority = 0
    var outputs: [String] = []
    var classifications: [String: Int] = [:]
    var raw: [UnsafeRawBufferPointer] = []

    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(MartletError) {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: model = try reader.string(field)
            case 2: version = try reader.string(field)
            case 3: id = try Self.checked(reader.string(field), "id", bytesMax: OpenInferenceRequest.idBytesMax)
            case 4: try readParameter(reader.message(field))
            case 5:
                guard inputs.count < OpenInferenceRequest.inputsMax else {
                    throw MartletError.invalid(
                        "The request has more than \(OpenInferenceRequest.inputsMax) inputs.", field: "inputs")
                }
                inputs.append(try Self.readInput(reader.message(field)))
            case 6: try readOutput(reader.message(field))
            case 7:
                guard raw.count < OpenInferenceRequest.inputsMax else {
                    throw MartletError.invalid(
                        "raw_input_contents has more than \(OpenInferenceRequest.inputsMax) entries.",
                        field: "raw_input_contents")
                }
                raw.append(try reader.bytes(field))
            default: try reader.skip(field)
            }
        }
    }

    private static func checked(_ text: String, _ field: String, bytesMax: Int) throws(MartletError) -> String {
        guard !text.utf8.contains(0) else {
            throw MartletError.invalid("\"\(field)\" holds the character NUL.", field: field)
        }
        guard text.utf8.count <= bytesMax else {
            throw MartletError.invalid("\"\(field)\" has more than \(bytesMax) bytes.", field: field)
        }
        return text
    }

    private mutating func readParameter(_ entry: ProtobufReader) throws(MartletError) {
        let (name, value) = try InferParameter.read(entry)
        switch name {
        case "business_key":
            guard case .string(let key) = value else {
                throw MartletError.invalid("\"business_key\" is not a string.", field: name)
            }
            businessKey = try Self.checked(key, "business_key", bytesMax: OpenInferenceRequest.businessKeyBytesMax)
        case "priority": priority = try Self.count(value, name)
        case "timeout": timeout = OpenInferenceRequest.timeout(microseconds: try Self.count(value, name))
        default: break
        }
    }

    /// A whole number of 0 or more.
    private static func count(_ value: InferParameter, _ name: String) throws(MartletError) -> Int {
        switch value {
        case .int64(let number) where number >= 0: return Int(number)
        case .uint64(let number): return Int(clamping: number)
        default: throw MartletError.invalid("\"\(name)\" is not a whole number of 0 or more.", field: name)
        }
    }

    // MARK: inputs and outputs

    private static func readInput(_ message: consuming ProtobufReader) throws(MartletError) -> Input {
        var input = Input()
        var datatype = ""
        while let field = try message.next() {
            switch field.number {
            case 1: input.name = try message.string(field)
            case 2: datatype = try message.string(field)
            case 3:
                try message.integers(field) { number throws(MartletError) in
                    try append(Int64(bitPattern: number), to: &input)
                }
            case 4:
                let (name, _) = try InferParameter.read(message.message(field))
                guard name != "shared_memory_region" else {
                    throw MartletError.invalid(
                        "The input \"\(input.name)\" lies in shared memory, which this server does not read.",
                        field: input.name)
                }
            case 5:
                guard input.contents == nil else {
                    throw MartletError.invalid("The input \"\(input.name)\" has \"contents\" twice.", field: input.name)
                }
                input.contents = try message.bytes(field)
            default: try message.skip(field)
            }
        }
        guard !input.name.isEmpty else { throw MartletError.invalid("An input has no \"name\".", field: "inputs") }
        guard input.name.utf8.count <= InferenceInput.nameBytesMax else {
            throw MartletError.invalid(
                "An input's \"name\" has more than \(InferenceInput.nameBytesMax) bytes.", field: "inputs")
        }
        guard !datatype.isEmpty else {
            throw MartletError.invalid("The input \"\(input.name)\" has no \"datatype\".", field: input.name)
        }
        input.datatype = Datatype(rawValue: datatype)
        guard input.datatype != nil else {
            throw MartletError.invalid(
                "The input \"\(input.name)\": \"\(datatype.prefix(64))\" is no datatype. It must be one of "
                    + Datatype.allCases.map(\.rawValue).joined(separator: ", ") + ".", field: input.name)
        }
        return input
    }

    private static func append(_ dimension: Int64, to input: inout Input) throws(MartletError) {
        guard dimension >= 0 else {
            throw MartletError.invalid(
                "The input \"\(input.name)\": a dimension of \"shape\" is not a whole number of 0 or more.",
                field: input.name)
        }
        guard input.shape.count < InferenceInput.rankMax else {
            throw MartletError.invalid(
                "The input \"\(input.name)\": \"shape\" has more than \(InferenceInput.rankMax) dimensions.",
                field: input.name)
        }
        input.shape.append(Int(dimension))
    }

    private mutating func readOutput(_ message: consuming ProtobufReader) throws(MartletError) {
        var name = ""
        var classification = 0
        while let field = try message.next() {
            switch field.number {
            case 1:
                name = try Self.checked(
                    message.string(field), "outputs.name", bytesMax: OpenInferenceRequest.idBytesMax)
            case 2:
                let (parameter, value) = try InferParameter.read(message.message(field))
                if parameter == "classification" { classification = try Self.count(value, parameter) }
                if parameter == "shared_memory_region" {
                    throw MartletError.invalid(
                        "An output is to lie in shared memory, which this server does not write.", field: parameter)
                }
            default: try message.skip(field)
            }
        }
        guard !name.isEmpty else { throw MartletError.invalid("An output has no \"name\".", field: "outputs") }
        guard !outputs.contains(name) else {
            throw MartletError.invalid("The output \"\(name)\" stands twice.", field: name)
        }
        guard outputs.count < 256 else {
            throw MartletError.invalid("The request names more than 256 outputs.", field: "outputs")
        }
        outputs.append(name)
        // 0 is Triton's word for none.
        if classification > 0 { classifications[name] = classification }
    }

    // MARK: tensors

    func tensors() throws(MartletError) -> [NamedTensor] {
        guard raw.isEmpty || raw.count == inputs.count else {
            throw MartletError.invalid(
                "raw_input_contents has \(raw.count) entries for \(inputs.count) inputs: it has one for each, or none.",
                field: "raw_input_contents")
        }
        var tensors: [NamedTensor] = []
        tensors.reserveCapacity(inputs.count)
        // Few inputs are compared with one another; many by their hashes.
        var names: Set<String> = []
        for (index, input) in inputs.enumerated() {
            if inputs.count > 1, !names.insert(input.name).inserted {
                throw MartletError.invalid("The input \"\(input.name)\" stands twice.", field: input.name)
            }
            tensors.append(
                NamedTensor(name: input.name, tensor: try tensor(input, raw.isEmpty ? nil : raw[index])))
        }
        return tensors
    }

    private func tensor(_ input: Input, _ raw: UnsafeRawBufferPointer?) throws(MartletError) -> Tensor {
        guard let datatype = input.datatype, let count = Tensor.elementCount(of: input.shape) else {
            throw MartletError.invalid(
                "The input \"\(input.name)\": the shape \(input.shape) claims more elements than its data hold.",
                field: input.name)
        }
        guard count > 0 else {
            throw MartletError.invalid(
                "The input \"\(input.name)\": the shape \(input.shape) holds no elements.", field: input.name)
        }
        if let raw {
            guard input.contents == nil else {
                throw MartletError.invalid(
                    "The input \"\(input.name)\" has \"contents\", and the request has \"raw_input_contents\": a request takes the one or the other.",
                    field: input.name)
            }
            return try RawTensor.decode(raw, datatype: datatype, shape: input.shape, input: input.name)
        }
        guard let contents = input.contents else {
            throw MartletError.invalid(
                "The input \"\(input.name)\" has no data: they go into \"raw_input_contents\" or its \"contents\".",
                field: input.name)
        }
        return try InferTensorContents.read(
            contents, datatype: datatype, shape: input.shape, count: count, input: input.name)
    }
}
