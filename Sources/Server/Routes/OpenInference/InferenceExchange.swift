internal import Domain
internal import NIOCore
internal import Serving
internal import Wire

/// One inference over HTTP, however it came in: from the bytes of its body to those of its answer.
struct InferenceExchange: Sendable {
    static let predictionIDField = "Martlet-Prediction-Id"
    /// How many bytes of a body are its JSON; raw tensors follow.
    static let jsonLengthField = "Inference-Header-Content-Length"
    static let binaryType = "application/octet-stream"

    /// More JSON is read on Swift's threads, so that the event loop's other connections go on; raw tensors are only copied.
    private static let jsonInlineBytesMax = 128 << 10

    let plane: DataPlane

    /// - Parameters:
    ///   - body: no longer compressed.
    ///   - jsonLength: the request's `Inference-Header-Content-Length`.
    func answer(
        _ body: ByteBuffer, jsonLength: String?, model: String, version: Int?
    ) async throws -> FrontAnswer {
        let call = try call(body, jsonLength: jsonLength, model: model, version: version)
        return try answer(await plane.infer(model: model, version: version, request: call.request), call.forms)
    }

    /// The same on the event loop that has read the request, which it does not hold up.
    ///
    /// - Parameter finish: what is done with the answer before it is sent.
    func begin(
        _ body: ByteBuffer, jsonLength: String?, model: String, version: Int?,
        finish: @escaping @Sendable (FrontAnswer) -> FrontAnswer
    ) throws -> FrontOutcome {
        if jsonLength == nil, body.readableBytes > Self.jsonInlineBytesMax {
            return .waiting {
                try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    finish(try await answer(body, jsonLength: nil, model: model, version: version))
                }
            }
        }
        let call = try call(body, jsonLength: jsonLength, model: model, version: version)
        switch try plane.begin(model: model, version: version, request: call.request) {
        case .answered(let response): return .answered(finish(try answer(response, call.forms)))
        case .waiting(let routed):
            return .waiting { finish(try answer(await plane.infer(routed), call.forms)) }
        }
    }

    private func answer(_ response: InferenceResponse, _ forms: OutputForms) throws(MartletError) -> FrontAnswer {
        let encoded = try OpenInferenceAnswer.encode(response, forms)
        var answer = FrontAnswer(
            body: encoded.bytes, fields: [(Self.predictionIDField, response.predictionID.rawValue)])
        if let jsonBytes = encoded.jsonBytes {
            answer.contentType = Self.binaryType
            answer.fields.append((Self.jsonLengthField, String(jsonBytes)))
        }
        return answer
    }

    private func call(
        _ body: ByteBuffer, jsonLength: String?, model: String, version: Int?
    ) throws(MartletError) -> OpenInferenceCall {
        guard let jsonLength else { return try OpenInferenceRequest.call(Array(buffer: body)) }
        let jsonBytes = try Self.jsonBytes(jsonLength)
        guard jsonBytes <= body.readableBytes else {
            throw MartletError.invalid(
                "The header \(Self.jsonLengthField) is \(jsonBytes), and the body has \(body.readableBytes) bytes.",
                field: Self.jsonLengthField)
        }
        if jsonBytes == 0 {
            let inputs = try plane.metadata(model: model, version: version).inputs
            return try Self.reading(body) { raw throws(MartletError) in try RawRequest.decode(raw, inputs: inputs) }
        }
        return try Self.reading(body) { bytes throws(MartletError) in
            try OpenInferenceRequest.call(
                Array(bytes[..<jsonBytes]), raw: UnsafeRawBufferPointer(rebasing: bytes[jsonBytes...]))
        }
    }

    private static func reading<Value>(
        _ body: ByteBuffer, _ read: (UnsafeRawBufferPointer) throws(MartletError) -> Value
    ) throws(MartletError) -> Value {
        try body.withUnsafeReadableBytes { bytes in
            Result { () throws(MartletError) in try read(bytes) }
        }.get()
    }

    /// What an answer says of itself, as fields of its head, for a protocol whose body has no place for it: `Martlet-Input-Flags`.
    static func fields(_ response: InferenceResponse) -> [(name: String, value: String)] {
        response.parameters.compactMap { name, value in
            let words = name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }
            // A field holds visible ASCII; in JSON all else can be escaped.
            let text = value.asciiJSON
            return text.utf8.count <= fieldBytesMax ? ("Martlet-" + words.joined(separator: "-"), text) : nil
        }
    }

    /// Clients take some 8 KiB of one field; what is longer is in the metrics, and in the answers of v2.
    private static let fieldBytesMax = 4096

    private static func jsonBytes(_ text: String) throws(MartletError) -> Int {
        guard (1...15).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let count = Int(text)
        else {
            throw MartletError.invalid(
                "The header \(jsonLengthField) is \"\(text.prefix(64))\", which is no number of bytes.",
                field: jsonLengthField)
        }
        return count
    }
}

extension FrontAnswer {
    /// The answer compressed, if that was asked for and gains something.
    ///
    /// - Parameter bytesMax: a longer body is left as it is.
    func compressed(_ acceptEncoding: String?, bytesMax: Int = .max) -> FrontAnswer {
        guard let acceptEncoding, body.count <= bytesMax,
            let coding = ContentCoding(acceptEncoding: acceptEncoding), let small = coding.deflated(body)
        else { return self }
        var answer = self
        answer.body = small
        answer.fields.append(("Content-Encoding", coding.rawValue))
        return answer
    }
}

extension String {
    /// JSON, or a plain word, with all but ASCII escaped.
    fileprivate var asciiJSON: String {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return self }
        return utf16.reduce(into: "") { text, unit in
            if unit < 0x80, let scalar = Unicode.Scalar(unit) {
                text.unicodeScalars.append(scalar)
            } else {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
    }
}
