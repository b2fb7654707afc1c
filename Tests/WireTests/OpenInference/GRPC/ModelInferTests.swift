import Domain
import Testing

@testable import Wire

@Suite("Open Inference Protocol: ModelInfer")
struct ModelInferTests {
    private struct Input {
        var name = "x"
        var datatype = "FP32"
        var shape = [1, 2]
        /// Writes the message `InferTensorContents`.
        var contents: ((inout ProtobufWriter) -> Void)?
    }

    private func decode(
        _ inputs: [Input] = [], raw: [[UInt8]] = [], _ more: (inout ProtobufWriter) -> Void = { _ in }
    ) throws -> ModelInferRequest {
        var writer = ProtobufWriter()
        // Data first: fields may come in any order.
        for bytes in raw { writer.repeatedBytes(7, bytes) }
        for input in inputs {
            writer.message(5) { message in
                if let contents = input.contents { message.message(5, contents) }
                message.integers(3, input.shape)
                message.string(2, input.datatype)
                message.string(1, input.name)
            }
        }
        writer.string(1, "m")
        more(&writer)
        return try writer.bytes.withUnsafeBytes { try ModelInferRequest.decode($0) }
    }

    private func tensor(_ datatype: String, _ shape: [Int], _ contents: @escaping (inout ProtobufWriter) -> Void) throws
        -> Tensor
    {
        let call = try decode([Input(datatype: datatype, shape: shape, contents: contents)])
        return try #require(call.request.inputs.first).tensor
    }

    private func fault(_ words: String, _ call: () throws -> some Any) {
        let error = #expect(throws: MartletError.self) { _ = try call() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "") lacks \(words)")
    }

    private static let floats = [Float(1.5), -2].withUnsafeBytes { Array($0) }

    @Test("name, version, id, business key, raw tensors and outputs are read; other parameters are not looked at")
    func whole() throws {
        let call = try decode([Input()], raw: [Self.floats]) { writer in
            writer.string(2, "3")
            writer.string(3, "é")
            for (name, field) in [("note", 5), ("business_key", 3)] {
                writer.message(4) { entry in
                    entry.string(1, name)
                    entry.message(2) { field == 3 ? $0.string(3, "order 7") : $0.integer(field, 7) }
                }
            }
            writer.message(6) { $0.string(1, "y") }
            writer.string(99, "of another age")
        }
        #expect((call.model, call.version) == ("m", 3))
        #expect((call.request.id, call.request.businessKey) == ("é", "order 7"))
        #expect(call.request.outputs == ["y"])
        #expect(call.request.inputs.map(\.tensor) == [try Tensor(.fp32, shape: [1, 2], elements: [Float(1.5), -2])])
        let bare = try decode([Input()], raw: [Self.floats])
        #expect(bare.version == nil && bare.request.id == nil && bare.request.outputs == nil)
    }

    @Test("typed contents are read in the field of their datatype, packed or not")
    func typed() throws {
        let minusOne = UInt64.max
        #expect(try tensor("INT8", [2]) { $0.integers(2, [-128, 127]) }.elements(as: Int8.self) == [-128, 127])
        #expect(try tensor("INT32", [1]) { $0.integer(2, minusOne) }.elements(as: Int32.self) == [-1])
        #expect(
            try tensor("INT64", [2, 1]) { $0.integers(3, [.min, .max]) }.elements(as: Int64.self) == [.min, .max])
        #expect(try tensor("UINT16", [1]) { $0.integers(4, [65_535]) }.elements(as: UInt16.self) == [65_535])
        #expect(try tensor("UINT64", [1]) { $0.integer(5, .max) }.elements(as: UInt64.self) == [.max])
        #expect(try tensor("BOOL", [3]) { $0.integers(1, [1, 0, 1]) }.bytes == [1, 0, 1])
        #expect(try tensor("FP32", [2]) { $0.repeatedBytes(6, Self.floats) }.bytes == Self.floats)
        let strings = try tensor("BYTES", [2]) {
            $0.repeatedBytes(8, [0xFF])
            $0.repeatedBytes(8, [])
        }
        #expect((Array(strings.stringBytes(0)), Array(strings.stringBytes(1))) == ([0xFF], []))
    }

    @Test("strings come raw with their lengths before them")
    func rawStrings() throws {
        let call = try decode(
            [Input(datatype: "BYTES", shape: [2])], raw: [[2, 0, 0, 0, 0x61, 0x62, 0, 0, 0, 0]])
        let tensor = try #require(call.request.inputs.first).tensor
        #expect((tensor.string(0), tensor.string(1)) == ("ab", ""))
        for bytes in [[1, 0, 0, 0], [255, 255, 255, 255, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]] {
            fault("\"x\"") { try decode([Input(datatype: "BYTES", shape: [2])], raw: [bytes]) }
        }
    }

    @Test("what does not fit is refused in a sentence that names the input")
    func refusals() {
        fault("out of the range of INT8") { try tensor("INT8", [1]) { $0.integers(2, [128]) } }
        fault("out of the range of UINT8") { try tensor("UINT8", [1]) { $0.integers(4, [300]) } }
        fault("out of the range of BOOL") { try tensor("BOOL", [1]) { $0.integers(1, [2]) } }
        fault("must be in \"fp32_contents\"") { try tensor("FP32", [1]) { $0.repeatedBytes(7, Self.floats) } }
        fault("must be sent in raw_input_contents") { try tensor("FP16", [1]) { $0.integers(2, [1]) } }
        fault("has no data") { try decode([Input()]) }
        fault("the one or the other") {
            try decode([Input(contents: { $0.repeatedBytes(6, Self.floats) })], raw: [Self.floats])
        }
        fault("2 entries for 1 inputs") { try decode([Input()], raw: [Self.floats, Self.floats]) }
        fault("stands twice") { try decode([Input(), Input()], raw: [Self.floats, Self.floats]) }
        fault("no datatype") { try decode([Input(datatype: "STRING")], raw: [Self.floats]) }
        fault("no \"datatype\"") { try decode([Input(datatype: "")], raw: [Self.floats]) }
        fault("no \"name\"") { try decode([Input(name: "")], raw: [Self.floats]) }
        fault("dimension") { try decode([Input(shape: [-1, 2])], raw: [Self.floats]) }
        fault("dimensions") { try decode([Input(shape: [Int](repeating: 1, count: 17))], raw: [Self.floats]) }
        fault("no elements") { try decode([Input(shape: [0])], raw: [[]]) }
        for shape in [[1], [3], [1 << 40, 30], [1 << 62, 1 << 62]] {
            fault("\"x\"") { try decode([Input(shape: shape)], raw: [Self.floats]) }
        }
        for shape in [[1 << 40, 30], [1 << 62, 1 << 62]] {
            fault("claims more elements") { try tensor("FP32", shape) { $0.repeatedBytes(6, Self.floats) } }
        }
        fault("more elements") { try tensor("FP32", [1]) { $0.repeatedBytes(6, Self.floats) } }
        fault("demands 8") { try tensor("FP32", [8]) { $0.repeatedBytes(6, Self.floats) } }
    }

    @Test("a version that is no number is one that is not there")
    func versions() {
        for text in ["0", "-1", "latest", "1.0", "99999999999999999999"] {
            let error = #expect(throws: MartletError.self) {
                try decode([Input()], raw: [Self.floats]) { $0.string(2, text) }
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test("the business key is a string of at most 256 bytes")
    func businessKey() {
        func with(_ value: @escaping (inout ProtobufWriter) -> Void) throws -> ModelInferRequest {
            try decode([Input()], raw: [Self.floats]) { writer in
                writer.message(4) { entry in
                    entry.string(1, "business_key")
                    entry.message(2, value)
                }
            }
        }
        fault("is not a string") { try with { $0.integer(2, 7) } }
        fault("more than 256 bytes") { try with { $0.string(3, String(repeating: "k", count: 257)) } }
        fault("NUL") { try with { $0.string(3, "a\0b") } }
    }

    @Test("an answer has its tensors raw, strings with their lengths, and the prediction's id")
    func answers() throws {
        let response = InferenceResponse(
            model: "m", version: 2, id: "7", predictionID: PredictionID(rawValue: "p1.x"),
            outputs: [
                NamedTensor(name: "y", tensor: try Tensor(.fp32, shape: [1], elements: [Float(1)])),
                NamedTensor(name: "s", tensor: try Tensor(shape: [2], strings: ["ab", ""])),
            ])
        var expected = ProtobufWriter()
        expected.string(1, "m")
        expected.string(2, "2")
        expected.string(3, "7")
        expected.message(4) { entry in
            entry.string(1, "prediction_id")
            entry.message(2) { $0.string(3, "p1.x") }
        }
        for (name, datatype, shape) in [("y", "FP32", [1]), ("s", "BYTES", [2])] {
            expected.message(5) { output in
                output.string(1, name)
                output.string(2, datatype)
                output.integers(3, shape)
            }
        }
        expected.repeatedBytes(6, [0, 0, 0x80, 0x3F])
        expected.repeatedBytes(6, [2, 0, 0, 0, 0x61, 0x62, 0, 0, 0, 0])
        #expect(ModelInferResponse.encode(response) == expected.bytes)
    }
}
