public import Domain

/// The answer to `ModelInfer`. All tensors are in `raw_output_contents`, which every client reads.
public enum ModelInferResponse {
    public static func encode(_ response: InferenceResponse) -> [UInt8] {
        let rawBytes = response.outputs.reduce(0) { $0 + RawTensor.byteCount($1.tensor) }
        var writer = ProtobufWriter(reserving: 256 + 64 * response.outputs.count + rawBytes)
        write(response, &writer)
        return writer.bytes
    }

    /// The answer to one request of `ModelStreamInfer`.
    public static func encodeStreamed(_ response: InferenceResponse) -> [UInt8] {
        let message = encode(response)
        var writer = ProtobufWriter(reserving: message.count + 16)
        writer.repeatedBytes(2, message)
        return writer.bytes
    }

    /// What one request of `ModelStreamInfer` is answered that fails; the stream goes on.
    public static func encodeStreamed(failure: String) -> [UInt8] {
        var writer = ProtobufWriter(reserving: failure.utf8.count + 16)
        writer.string(1, failure)
        // Clients know the request by its answer's member, which is there, if empty.
        writer.message(2) { _ in }
        return writer.bytes
    }

    private static func write(_ response: InferenceResponse, _ writer: inout ProtobufWriter) {
        writer.string(1, response.model)
        writer.string(2, String(response.version))
        if let id = response.id { writer.string(3, id) }
        writer.message(4) { entry in
            entry.string(1, "prediction_id")
            entry.message(2) { $0.string(3, response.predictionID.rawValue) }
        }
        for (name, value) in response.parameters {
            writer.message(4) { entry in
                entry.string(1, name)
                entry.message(2) { $0.string(3, value) }
            }
        }
        for output in response.outputs {
            writer.message(5) { message in
                message.string(1, output.name)
                message.string(2, output.tensor.datatype.rawValue)
                message.integers(3, output.tensor.shape)
            }
        }
        for output in response.outputs {
            writer.repeatedBytes(6, count: RawTensor.byteCount(output.tensor)) {
                RawTensor.append(output.tensor, to: &$0)
            }
        }
    }
}
