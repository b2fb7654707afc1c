public import Domain

/// Reads a request of the Open Inference Protocol v2 in JSON, straight into tensors.
///
/// Rules where the protocol leaves room:
/// - `data` is flat or nested exactly as the shape says; a ragged or partly nested array is refused.
/// - Integers are accepted for FP32 and FP64; nothing else is coerced, and a number out of the datatype's range is refused.
/// - `null` in FP32 or FP64 data is a missing value, NaN. `NaN` and `Infinity` are not JSON and are refused.
/// - A member, input or output that stands twice is refused. Unknown members and parameters are ignored.
/// - Memory grows with the bytes that were sent, never with a shape that was claimed.
public enum OpenInferenceRequest {
    /// More inputs than any table has columns.
    static let inputsMax = 4096
    /// Bytes of the caller's own id, which is echoed.
    static let idBytesMax = 1024
    /// Bytes of the caller's own key, which is stored with the feedback.
    static let businessKeyBytesMax = 256

    /// - Throws: `invalidArgument`, naming the input or the byte at fault.
    public static func decode(_ bytes: [UInt8]) throws(MartletError) -> InferenceRequest {
        var reader = JSONReader(bytes)
        var request = InferenceRequest(inputs: [])
        var hasInputs = false
        try reader.readObject { reader, key throws(MartletError) in
            switch key {
            case "id": request.id = try text(&reader, "id", bytesMax: idBytesMax)
            case "parameters": try readParameters(&reader, into: &request)
            case "inputs":
                hasInputs = true
                request.inputs = try readInputs(&reader)
            case "outputs": request.outputs = try readOutputs(&reader)
            default: try reader.skipValue()
            }
        }
        try reader.expectEnd()
        guard hasInputs else { throw MartletError.invalid("The request has no member \"inputs\".", field: "inputs") }
        return request
    }

    private static func text(_ reader: inout JSONReader, _ field: String, bytesMax: Int) throws(MartletError) -> String
    {
        guard reader.peek() == UInt8(ascii: "\"") else {
            throw MartletError.invalid("\"\(field)\" is not a string.", field: field)
        }
        let text = try reader.readString()
        guard !text.utf8.contains(0) else {
            throw MartletError.invalid("\"\(field)\" holds the character NUL.", field: field)
        }
        guard text.utf8.count <= bytesMax else {
            throw MartletError.invalid("\"\(field)\" has more than \(bytesMax) bytes.", field: field)
        }
        return text
    }

    private static func readParameters(
        _ reader: inout JSONReader, into request: inout InferenceRequest
    ) throws(MartletError) {
        try reader.readObject { reader, key throws(MartletError) in
            switch key {
            case "business_key": request.businessKey = try text(&reader, "business_key", bytesMax: businessKeyBytesMax)
            case "binary_data_output":
                guard let wantsBinary = reader.takeBool() else {
                    throw MartletError.invalid("\"binary_data_output\" is not true or false.", field: key)
                }
                if wantsBinary { throw binaryRefused(field: key) }
            default: try reader.skipValue()
            }
        }
    }

    /// Binary tensors are refused clearly, so that a client whose default they are is told what to change.
    static func binaryRefused(field: String) -> MartletError {
        .invalid(
            "Binary tensors (\"\(field)\") are not taken by this server: send and ask for JSON data "
                + "(with tritonclient: binary_data=False for every input and output, and name the outputs).",
            field: field)
    }

    private static func readInputs(_ reader: inout JSONReader) throws(MartletError) -> [NamedTensor] {
        guard reader.peek() == UInt8(ascii: "[") else {
            throw MartletError.invalid("\"inputs\" is not an array.", field: "inputs")
        }
        var inputs: [NamedTensor] = []
        var names: Set<String> = []
        try reader.readArray { reader throws(MartletError) in
            guard inputs.count < inputsMax else {
                throw MartletError.invalid("The request has more than \(inputsMax) inputs.", field: "inputs")
            }
            let input = try InferenceInput.read(&reader)
            guard names.insert(input.name).inserted else {
                throw MartletError.invalid("The input \"\(input.name)\" stands twice.", field: input.name)
            }
            inputs.append(input)
        }
        return inputs
    }

    private static func readOutputs(_ reader: inout JSONReader) throws(MartletError) -> [String]? {
        guard reader.peek() == UInt8(ascii: "[") else {
            throw MartletError.invalid("\"outputs\" is not an array.", field: "outputs")
        }
        var outputs: [String] = []
        try reader.readArray { reader throws(MartletError) in
            let name = try readOutput(&reader)
            guard !outputs.contains(name) else {
                throw MartletError.invalid("The output \"\(name)\" stands twice.", field: name)
            }
            guard outputs.count < 256 else {
                throw MartletError.invalid("The request names more than 256 outputs.", field: "outputs")
            }
            outputs.append(name)
        }
        return outputs.isEmpty ? nil : outputs
    }

    private static func readOutput(_ reader: inout JSONReader) throws(MartletError) -> String {
        var name: String?
        try reader.readObject { reader, key throws(MartletError) in
            switch key {
            case "name": name = try text(&reader, "outputs.name", bytesMax: idBytesMax)
            case "parameters":
                try reader.readObject { reader, key throws(MartletError) in
                    if key == "classification" {
                        throw MartletError.invalid("The classification extension is not served.", field: key)
                    }
                    if key == "binary_data", let wantsBinary = reader.takeBool() {
                        if wantsBinary { throw binaryRefused(field: key) }
                    } else {
                        try reader.skipValue()
                    }
                }
            default: try reader.skipValue()
            }
        }
        guard let name else { throw MartletError.invalid("An output has no \"name\".", field: "outputs") }
        return name
    }
}
