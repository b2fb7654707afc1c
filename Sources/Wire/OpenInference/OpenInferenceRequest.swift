public import Domain

/// Reads a request of the Open Inference Protocol v2 in JSON, with raw tensors after it or without, straight into tensors.
///
/// Rules where the protocol leaves room:
/// - `data` is flat or nested exactly as the shape says; a ragged or partly nested array is refused.
/// - Integers are accepted for FP32 and FP64; nothing else is coerced, and a number out of the datatype's range is refused.
/// - `null` in FP32 or FP64 data is a missing value, NaN. `NaN` and `Infinity` are not JSON and are refused.
/// - FP16 and BF16 have no form in JSON: they come raw.
/// - Raw tensors take exactly the bytes that their sizes say, and their sizes are exactly those of their shapes.
/// - A member, input or output that stands twice is refused. Unknown members and parameters are ignored.
/// - Memory grows with the bytes that were sent, never with a shape that was claimed.
public enum OpenInferenceRequest {
    /// More inputs than any table has columns.
    static let inputsMax = 4096
    /// Outputs that one request names.
    static let outputsMax = 256
    /// A day: longer than anybody waits.
    static let timeoutMicrosecondsMax = 86_400_000_000
    /// Bytes of the caller's own id, which is echoed.
    static let idBytesMax = 1024
    /// Bytes of the caller's own key, which is stored with the feedback.
    static let businessKeyBytesMax = 256

    /// A request that is JSON alone, whatever the form in which it wants its answer.
    ///
    /// - Throws: `invalidArgument`, naming the input or the byte at fault.
    public static func decode(
        _ bytes: [UInt8], as text: TensorText = .protocolForm
    ) throws(MartletError) -> InferenceRequest {
        try call(bytes, as: text).request
    }

    /// - Parameter raw: the bytes after the JSON; nil where the request does not say that there are any.
    /// - Throws: `invalidArgument`, naming the input or the byte at fault; `unimplemented` for shared memory.
    public static func call(
        _ json: [UInt8], raw: UnsafeRawBufferPointer? = nil, as text: TensorText = .protocolForm
    ) throws(MartletError) -> OpenInferenceCall {
        var reader = JSONReader(json)
        var tail = RawTail(raw)
        var call = OpenInferenceCall(request: InferenceRequest(inputs: []))
        var hasInputs = false
        try reader.readObject { reader, key throws(MartletError) in
            switch key {
            case "id": call.request.id = try string(&reader, "id", bytesMax: idBytesMax)
            case "parameters": try readParameters(&reader, into: &call)
            case "inputs":
                hasInputs = true
                call.request.inputs = try readInputs(&reader, &tail, text)
            case "outputs": try readOutputs(&reader, into: &call)
            default: try reader.skipValue()
            }
        }
        try reader.expectEnd()
        guard hasInputs else { throw MartletError.invalid("The request has no member \"inputs\".", field: "inputs") }
        try tail.expectEnd(last: call.request.inputs.last?.name)
        return call
    }

    private static func string(_ reader: inout JSONReader, _ field: String, bytesMax: Int) throws(MartletError)
        -> String
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
        _ reader: inout JSONReader, into call: inout OpenInferenceCall
    ) throws(MartletError) {
        try reader.readObject { reader, key throws(MartletError) in
            switch key {
            case "business_key":
                call.request.businessKey = try string(&reader, "business_key", bytesMax: businessKeyBytesMax)
            case "binary_data_output": call.forms.isBinary = try readBool(&reader, key)
            case "priority": call.request.priority = try readCount(&reader, key)
            case "timeout":
                call.request.timeout = timeout(microseconds: try readCount(&reader, key))
            default: try reader.skipValue()
            }
        }
    }

    /// 0 is Triton's word for none.
    static func timeout(microseconds: Int) -> Duration? {
        microseconds == 0 ? nil : .microseconds(min(microseconds, timeoutMicrosecondsMax))
    }

    private static func readBool(_ reader: inout JSONReader, _ key: String) throws(MartletError) -> Bool {
        guard let value = reader.takeBool() else {
            throw MartletError.invalid("\"\(key)\" is not true or false.", field: key)
        }
        return value
    }

    /// A whole number of 0 or more.
    static func readCount(
        _ reader: inout JSONReader, _ key: String, input: String? = nil
    ) throws(MartletError) -> Int {
        let of = input.map { "The input \"\($0)\": " } ?? ""
        let first = reader.peek()
        let isNumber = first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10
        guard isNumber, case let number = try reader.readNumber(), number.isInteger, !number.isTruncated,
            !number.isNegative || number.mantissa == 0, let count = Int(exactly: number.mantissa)
        else { throw MartletError.invalid("\(of)\"\(key)\" is not a whole number of 0 or more.", field: input ?? key) }
        return count
    }

    private static func readInputs(
        _ reader: inout JSONReader, _ tail: inout RawTail, _ text: TensorText
    ) throws(MartletError) -> [NamedTensor] {
        guard reader.peek() == UInt8(ascii: "[") else {
            throw MartletError.invalid("\"inputs\" is not an array.", field: "inputs")
        }
        var inputs: [NamedTensor] = []
        var names: Set<String> = []
        try reader.readArray { reader throws(MartletError) in
            guard inputs.count < inputsMax else {
                throw MartletError.invalid("The request has more than \(inputsMax) inputs.", field: "inputs")
            }
            let input = try InferenceInput.read(&reader, &tail, text)
            guard names.insert(input.name).inserted else {
                throw MartletError.invalid("The input \"\(input.name)\" stands twice.", field: input.name)
            }
            inputs.append(input)
        }
        return inputs
    }

    private static func readOutputs(
        _ reader: inout JSONReader, into call: inout OpenInferenceCall
    ) throws(MartletError) {
        guard reader.peek() == UInt8(ascii: "[") else {
            throw MartletError.invalid("\"outputs\" is not an array.", field: "outputs")
        }
        var outputs: [String] = []
        try reader.readArray { reader throws(MartletError) in
            let output = try RequestedOutput.read(&reader)
            guard !outputs.contains(output.name) else {
                throw MartletError.invalid("The output \"\(output.name)\" stands twice.", field: output.name)
            }
            guard outputs.count < outputsMax else {
                throw MartletError.invalid("The request names more than \(outputsMax) outputs.", field: "outputs")
            }
            outputs.append(output.name)
            if let isBinary = output.isBinary { call.forms.isBinaryByOutput[output.name] = isBinary }
            if let count = output.classification { call.request.classifications[output.name] = count }
        }
        call.request.outputs = outputs.isEmpty ? nil : outputs
    }

    /// One element of a request's `outputs`.
    private struct RequestedOutput {
        var name: String
        var isBinary: Bool?
        var classification: Int?

        static func read(_ reader: inout JSONReader) throws(MartletError) -> RequestedOutput {
            var name: String?
            var output = RequestedOutput(name: "")
            try reader.readObject { reader, key throws(MartletError) in
                switch key {
                case "name": name = try string(&reader, "outputs.name", bytesMax: idBytesMax)
                case "parameters": try output.readParameters(&reader)
                default: try reader.skipValue()
                }
            }
            guard let name else { throw MartletError.invalid("An output has no \"name\".", field: "outputs") }
            output.name = name
            return output
        }

        private mutating func readParameters(_ reader: inout JSONReader) throws(MartletError) {
            try reader.readObject { reader, key throws(MartletError) in
                switch key {
                case "binary_data": isBinary = try readBool(&reader, key)
                case "classification":
                    let count = try readCount(&reader, key)
                    // 0 is Triton's word for none.
                    classification = count == 0 ? nil : count
                case "shared_memory_region": throw sharedMemoryRefused
                default: try reader.skipValue()
                }
            }
        }
    }

    static let sharedMemoryRefused = MartletError(
        .unimplemented, "Shared memory is not served: send tensors in the body.", field: "shared_memory_region")
}
