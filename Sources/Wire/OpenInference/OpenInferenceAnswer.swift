public import Domain

/// Writes the answers of the Open Inference Protocol v2 as JSON, with raw tensors after it where they are wanted so.
///
/// Numbers are written as the shortest text that reads back the same. NaN is written as `null`; an infinity and the datatypes
/// FP16 and BF16 have no form in JSON, so an answer that holds one must be asked for raw.
public enum OpenInferenceAnswer {
    /// What goes into the body.
    public struct Body: Sendable {
        public var bytes: [UInt8]
        /// How many of the bytes are JSON; nil if all are.
        public var jsonBytes: Int?
    }

    /// - Throws: where an output cannot be written as JSON, naming it: `invalidArgument` for FP16 and BF16, else `unimplemented`.
    public static func encode(
        _ response: InferenceResponse, as text: TensorText = .protocolForm
    ) throws(MartletError) -> [UInt8] {
        try encode(response, OutputForms(), as: text).bytes
    }

    /// - Throws: as above, for outputs that are not wanted raw.
    public static func encode(
        _ response: InferenceResponse, _ forms: OutputForms, as text: TensorText = .protocolForm
    ) throws(MartletError) -> Body {
        // Names, ids and punctuation; a number takes some ten characters.
        let elements = response.outputs.reduce(0) { $0 + $1.tensor.elementCount }
        var writer = JSONWriter(capacity: min(256 + 96 * response.outputs.count + 10 * elements, 64 << 10))
        writer.raw("{\"model_name\":")
        writer.string(response.model)
        writer.raw(",\"model_version\":\"")
        writer.integer(response.version)
        writer.raw("\"")
        if let id = response.id {
            writer.raw(",\"id\":")
            writer.string(id)
        }
        writer.raw(",\"parameters\":{\"prediction_id\":")
        writer.string(response.predictionID.rawValue)
        for (name, value) in response.parameters {
            writer.raw(",")
            writer.string(name)
            writer.raw(":")
            writer.string(value)
        }
        writer.raw("},\"outputs\":[")
        var rawBytes: Int?
        for (index, output) in response.outputs.enumerated() {
            if index > 0 { writer.raw(",") }
            let isRaw = forms.isBinary(output.name)
            if isRaw { rawBytes = (rawBytes ?? 0) + RawTensor.byteCount(output.tensor) }
            try encode(output, isRaw: isRaw, text, &writer)
        }
        writer.raw("]}")
        guard let rawBytes else { return Body(bytes: writer.bytes) }
        return Body(bytes: joined(writer.bytes, rawBytes, response.outputs, forms), jsonBytes: writer.bytes.count)
    }

    private static func joined(
        _ json: [UInt8], _ rawBytes: Int, _ outputs: [NamedTensor], _ forms: OutputForms
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + rawBytes)
        bytes.append(contentsOf: json)
        for output in outputs where forms.isBinary(output.name) { RawTensor.append(output.tensor, to: &bytes) }
        return bytes
    }

    /// A request, for recording an example.
    ///
    /// - Throws: `unimplemented` if an input cannot be written as JSON, naming it.
    public static func encode(
        _ request: InferenceRequest, as text: TensorText = .protocolForm
    ) throws(MartletError) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"inputs\":[")
        for (index, input) in request.inputs.enumerated() {
            if index > 0 { writer.raw(",") }
            try encode(input, isRaw: false, text, &writer)
        }
        writer.raw("]}")
        return writer.bytes
    }

    private static func encode(
        _ output: NamedTensor, isRaw: Bool, _ text: TensorText, _ writer: inout JSONWriter
    ) throws(MartletError) {
        writer.raw("{\"name\":")
        writer.string(output.name)
        writer.raw(",\"datatype\":")
        writer.string(output.tensor.datatype.rawValue)
        writer.raw(",\"shape\":")
        writer.list(output.tensor.shape) { $0.integer($1) }
        if isRaw {
            writer.raw(",\"parameters\":{\"binary_data_size\":")
            writer.integer(RawTensor.byteCount(output.tensor))
            writer.raw("}}")
            return
        }
        writer.raw(",\"data\":")
        try encodeData(output, as: text, &writer)
        writer.raw("}")
    }

    /// The elements as a flat list, or nested as a shape says.
    static func encodeData(
        _ output: NamedTensor, nestedAs shape: [Int]? = nil, as text: TensorText = .protocolForm,
        _ writer: inout JSONWriter
    ) throws(MartletError) {
        let tensor = output.tensor
        func list<Values: RandomAccessCollection>(
            _ values: Values, _ write: (inout JSONWriter, Values.Element) -> Void
        ) {
            guard let shape else { return writer.list(values, write) }
            var rest = values[...]
            writer.nested(&rest, shape[...], write)
        }
        switch tensor.datatype {
        case .bool: list(tensor.bytes) { $1 == 0 ? $0.raw("false") : $0.raw("true") }
        case .uint8: list(tensor.bytes) { $0.integer($1) }
        case .int8: list(tensor.elements(as: Int8.self)) { $0.integer($1) }
        case .uint16: list(tensor.elements(as: UInt16.self)) { $0.integer($1) }
        case .int16: list(tensor.elements(as: Int16.self)) { $0.integer($1) }
        case .uint32: list(tensor.elements(as: UInt32.self)) { $0.integer($1) }
        case .int32: list(tensor.elements(as: Int32.self)) { $0.integer($1) }
        case .uint64: list(tensor.elements(as: UInt64.self)) { $0.integer($1) }
        case .int64: list(tensor.elements(as: Int64.self)) { $0.integer($1) }
        case .fp32:
            let numbers = tensor.elements(as: Float.self)
            guard text == .record || numbers.allSatisfy({ !$0.isInfinite }) else {
                throw unwritable(output, "an infinity")
            }
            list(numbers) { $1.isFinite ? $0.number($1) : $0.notFinite(Double($1)) }
        case .fp64:
            let numbers = tensor.elements(as: Double.self)
            guard text == .record || numbers.allSatisfy({ !$0.isInfinite }) else {
                throw unwritable(output, "an infinity")
            }
            list(numbers) { $1.isFinite ? $0.number($1) : $0.notFinite($1) }
        case .bytes where text == .record: list(0..<tensor.elementCount) { $0.string(tensor.string($1)) }
        case .bytes:
            for index in 0..<tensor.elementCount {
                guard String(validating: tensor.stringBytes(index), as: UTF8.self) != nil else {
                    throw unwritable(output, "a string that is not UTF-8")
                }
            }
            list(0..<tensor.elementCount) { $0.string(utf8: tensor.stringBytes($1)) }
        case .fp16 where text == .record, .bf16 where text == .record:
            let numbers = (0..<tensor.elementCount).map { tensor.number($0) ?? .nan }
            list(numbers) { $1.isFinite ? $0.number(Float($1)) : $0.notFinite($1) }
        case .fp16, .bf16:
            throw MartletError.invalid(
                "The output \"\(output.name)\" is \(tensor.datatype.rawValue), which has no form in JSON. Ask for it with \"binary_data\": true.",
                field: output.name)
        }
    }

    private static func unwritable(_ output: NamedTensor, _ what: String) -> MartletError {
        MartletError(
            .unimplemented,
            "The output \"\(output.name)\" holds \(what), which JSON cannot carry. Ask for it with \"binary_data\": true.",
            field: output.name)
    }

    /// The extensions of the protocol that are served, over every transport.
    public static let extensions = [
        "binary_tensor_data", "classification", "model_configuration", "model_repository", "statistics",
    ]

    /// The answer to `GET /v2`.
    public static func serverMetadata(version: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"name\":\"martlet\",\"version\":")
        writer.string(version)
        writer.raw(",\"extensions\":")
        writer.list(extensions) { $0.string($1) }
        writer.raw("}")
        return writer.bytes
    }

    /// The answer to `GET /v2/models/{model}`.
    public static func modelMetadata(_ metadata: ServedModelMetadata) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"name\":")
        writer.string(metadata.name)
        writer.raw(",\"versions\":")
        writer.list(metadata.versions) { $0.string(String($1)) }
        writer.raw(",\"platform\":")
        writer.string(metadata.platform)
        writer.raw(",\"inputs\":")
        writer.list(metadata.inputs) { write($1, &$0) }
        writer.raw(",\"outputs\":")
        writer.list(metadata.outputs) { write($1, &$0) }
        writer.raw("}")
        return writer.bytes
    }

    private static func write(_ spec: TensorSpec, _ writer: inout JSONWriter) {
        writer.raw("{\"name\":")
        writer.string(spec.name)
        writer.raw(",\"datatype\":")
        writer.string(spec.datatype.rawValue)
        writer.raw(",\"shape\":")
        writer.list(spec.shape) { $0.integer($1) }
        writer.raw("}")
    }

    /// The answer to `GET /v2/models`.
    public static func models(_ names: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"models\":")
        writer.list(names) { $0.string($1) }
        writer.raw("}")
        return writer.bytes
    }

    /// The answer to `GET /v2/models/{model}/ready` of a model that is.
    public static func modelReady(_ name: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"name\":")
        writer.string(name)
        writer.raw(",\"ready\":true}")
        return writer.bytes
    }
}
