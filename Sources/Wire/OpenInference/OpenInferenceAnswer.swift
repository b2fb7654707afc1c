public import Domain

/// Writes the answers of the Open Inference Protocol v2 as JSON.
///
/// Numbers are written as the shortest text that reads back the same. NaN is written as `null`; an infinity and the datatypes
/// FP16 and BF16 have no form in JSON, so an answer that holds one is an error.
public enum OpenInferenceAnswer {
    /// - Throws: `unimplemented` if an output cannot be written as JSON, naming it.
    public static func encode(_ response: InferenceResponse) throws(MartletError) -> [UInt8] {
        var writer = JSONWriter()
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
        writer.raw("},\"outputs\":[")
        for (index, output) in response.outputs.enumerated() {
            if index > 0 { writer.raw(",") }
            try encode(output, &writer)
        }
        writer.raw("]}")
        return writer.bytes
    }

    /// A request, for recording an example.
    ///
    /// - Throws: `unimplemented` if an input cannot be written as JSON, naming it.
    public static func encode(_ request: InferenceRequest) throws(MartletError) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"inputs\":[")
        for (index, input) in request.inputs.enumerated() {
            if index > 0 { writer.raw(",") }
            try encode(input, &writer)
        }
        writer.raw("]}")
        return writer.bytes
    }

    private static func encode(_ output: NamedTensor, _ writer: inout JSONWriter) throws(MartletError) {
        writer.raw("{\"name\":")
        writer.string(output.name)
        writer.raw(",\"datatype\":")
        writer.string(output.tensor.datatype.rawValue)
        writer.raw(",\"shape\":")
        writer.list(output.tensor.shape) { $0.integer($1) }
        writer.raw(",\"data\":")
        try encodeData(output, &writer)
        writer.raw("}")
    }

    private static func encodeData(_ output: NamedTensor, _ writer: inout JSONWriter) throws(MartletError) {
        let tensor = output.tensor
        switch tensor.datatype {
        case .bool: writer.list(tensor.bytes) { $1 == 0 ? $0.raw("false") : $0.raw("true") }
        case .uint8: writer.list(tensor.bytes) { $0.integer($1) }
        case .int8: writer.list(tensor.elements(as: Int8.self)) { $0.integer($1) }
        case .uint16: writer.list(tensor.elements(as: UInt16.self)) { $0.integer($1) }
        case .int16: writer.list(tensor.elements(as: Int16.self)) { $0.integer($1) }
        case .uint32: writer.list(tensor.elements(as: UInt32.self)) { $0.integer($1) }
        case .int32: writer.list(tensor.elements(as: Int32.self)) { $0.integer($1) }
        case .uint64: writer.list(tensor.elements(as: UInt64.self)) { $0.integer($1) }
        case .int64: writer.list(tensor.elements(as: Int64.self)) { $0.integer($1) }
        case .fp32:
            let numbers = tensor.elements(as: Float.self)
            guard numbers.allSatisfy({ !$0.isInfinite }) else { throw unwritable(output, "an infinity") }
            writer.list(numbers) { $1.isNaN ? $0.raw("null") : $0.number($1) }
        case .fp64:
            let numbers = tensor.elements(as: Double.self)
            guard numbers.allSatisfy({ !$0.isInfinite }) else { throw unwritable(output, "an infinity") }
            writer.list(numbers) { $1.isNaN ? $0.raw("null") : $0.number($1) }
        case .bytes:
            for index in 0..<tensor.elementCount {
                guard String(validating: tensor.stringBytes(index), as: UTF8.self) != nil else {
                    throw unwritable(output, "a string that is not UTF-8")
                }
            }
            writer.list(0..<tensor.elementCount) { $0.string(utf8: tensor.stringBytes($1)) }
        case .fp16, .bf16: throw unwritable(output, tensor.datatype.rawValue)
        }
    }

    private static func unwritable(_ output: NamedTensor, _ what: String) -> MartletError {
        MartletError(
            .unimplemented, "The output \"\(output.name)\" holds \(what), which JSON cannot carry.", field: output.name)
    }

    /// The answer to `GET /v2`.
    public static func serverMetadata(version: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"name\":\"martlet\",\"version\":")
        writer.string(version)
        writer.raw(",\"extensions\":[]}")
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
