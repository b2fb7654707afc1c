import Domain
import Testing

@testable import Wire

@Suite("Open Inference Protocol: raw tensors")
struct RawTensorTests {
    /// One tensor of each datatype, its raw bytes as numpy and Triton's client write them.
    private static let golden: [(Datatype, [Int], [UInt8], String)] = [
        (.bool, [2], [1, 0], "true"), (.uint8, [2], [255, 1], "255"), (.int8, [2], [0x80, 1], "-128"),
        (.uint16, [1], [0x34, 0x12], "4660"), (.int16, [1], [0xFE, 0xFF], "-2"),
        (.uint32, [1], [0xFF, 0xFF, 0xFF, 0xFF], "4294967295"), (.int32, [1], [0xFF, 0xFF, 0xFF, 0xFF], "-1"),
        (.uint64, [1], [UInt8](repeating: 0xFF, count: 8), "18446744073709551615"),
        (.int64, [1], [0, 0, 0, 0, 0, 0, 0, 0x80], "-9223372036854775808"),
        (.fp16, [1], [0x00, 0x3E], "1.5"), (.bf16, [1], [0xC0, 0x3F], "1.5"),
        (.fp32, [1], [0, 0, 0xC0, 0x3F], "1.5"), (.fp64, [1], [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], "1.5"),
        (.bytes, [2, 1], [3, 0, 0, 0, 0x61, 0xFF, 0x00, 0, 0, 0, 0], "a\u{FFFD}\0"),
    ]

    @Test("every datatype is read at any address and written as it was")
    func everyDatatype() throws {
        #expect(Set(Self.golden.map { $0.0 }) == Set(Datatype.allCases))
        for (datatype, shape, bytes, first) in Self.golden {
            for offset in 0..<8 {
                let shifted = [UInt8](repeating: 7, count: offset) + bytes
                let tensor = try shifted.withUnsafeBytes { raw in
                    try RawTensor.decode(
                        UnsafeRawBufferPointer(rebasing: raw[offset...]), datatype: datatype, shape: shape, input: "x")
                }
                #expect(tensor.shape == shape && tensor.text(0) == first, "\(datatype)")
                var written: [UInt8] = []
                RawTensor.append(tensor, to: &written)
                #expect(written == bytes && RawTensor.byteCount(tensor) == bytes.count, "\(datatype)")
            }
        }
    }

    @Test(
        "bytes that are not exactly the shape's elements are refused, naming the input",
        arguments: [
            (.fp32, [1], 3), (.fp32, [1], 5), (.fp32, [0], 0), (.fp32, [1 << 40, 30], 4), (.fp64, [1 << 62, 2], 8),
            (.fp32, [-1], 4), (.uint8, [2, 2], 3),
        ] as [(Datatype, [Int], Int)])
    func sizes(datatype: Datatype, shape: [Int], count: Int) {
        let error = #expect(throws: MartletError.self) {
            try decode([UInt8](repeating: 0, count: count), datatype, shape)
        }
        #expect(error?.code == .invalidArgument && error?.field == "x")
    }

    @Test(
        "lengths of BYTES that do not add up are refused, whatever they claim",
        arguments: [
            [], [1, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0, 0x61], [0xFF, 0xFF, 0xFF, 0xFF, 0x61], [0, 0, 0, 0, 0x61],
        ] as [[UInt8]])
    func strings(bytes: [UInt8]) {
        #expect(throws: MartletError.self) { try decode(bytes, .bytes, [1]) }
        #expect(throws: MartletError.self) { try decode(bytes, .bytes, [1 << 40]) }
    }

    @Test("a byte of BOOL that is neither 0 nor 1 is refused")
    func booleans() {
        #expect(throws: MartletError.self) { try decode([1, 2], .bool, [2]) }
    }

    private func decode(_ bytes: [UInt8], _ datatype: Datatype, _ shape: [Int]) throws -> Tensor {
        try bytes.withUnsafeBytes { try RawTensor.decode($0, datatype: datatype, shape: shape, input: "x") }
    }

    // MARK: whole requests

    private func call(_ json: String, _ raw: [UInt8]?) throws -> OpenInferenceCall {
        guard let raw else { return try OpenInferenceRequest.call(Array(json.utf8)) }
        return try raw.withUnsafeBytes { try OpenInferenceRequest.call(Array(json.utf8), raw: $0) }
    }

    private static func input(_ name: String, _ size: Int, _ shape: String = "[2]", _ datatype: String = "UINT8")
        -> String
    {
        #"{"name":"\#(name)","datatype":"\#(datatype)","shape":\#(shape),"parameters":{"binary_data_size":\#(size)}}"#
    }

    @Test("raw and JSON inputs are mixed, and the raw ones are taken in the order of the inputs")
    func mixed() throws {
        let call = try call(
            #"{"inputs":[\#(Self.input("a", 2)),{"name":"b","shape":[1],"datatype":"INT8","data":[-7]},\#(Self.input("c", 4, "[1]", "FP32"))]}"#,
            [5, 6, 0, 0, 0xC0, 0x3F])
        #expect(call.request.inputs.map(\.name) == ["a", "b", "c"])
        #expect(call.request.inputs[0].tensor.bytes == [5, 6])
        #expect(call.request.inputs[1].tensor.text(0) == "-7")
        #expect(call.request.inputs[2].tensor.text(0) == "1.5")
    }

    @Test("sizes that do not fit the body or the shape are refused, naming the input")
    func wrongSizes() {
        let cases: [(String, [UInt8]?, String)] = [
            (#"{"inputs":[\#(Self.input("a", 2))]}"#, nil, "Inference-Header-Content-Length"),
            (#"{"inputs":[\#(Self.input("a", 2))]}"#, [1], "1 bytes are left"),
            (#"{"inputs":[\#(Self.input("a", 2))]}"#, [1, 2, 3], "1 bytes after"),
            (#"{"inputs":[\#(Self.input("a", 3))]}"#, [1, 2, 3], "3 were sent"),
            (#"{"inputs":[\#(Self.input("a", -2))]}"#, [1, 2], "binary_data_size"),
            (
                #"{"inputs":[{"name":"a","shape":[1],"datatype":"UINT8","data":[1],"parameters":{"binary_data_size":1}}]}"#,
                [1], "both"
            ),
            (
                #"{"inputs":[{"name":"a","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":1.5}}]}"#, [1],
                "whole number"
            ),
            (
                #"{"inputs":[{"name":"a","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":true}}]}"#,
                [1], "whole number"
            ),
            (
                #"{"inputs":[{"name":"a","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":9223372036854775807}}]}"#,
                [1], "are left"
            ),
        ]
        for (json, raw, words) in cases {
            let error = #expect(throws: MartletError.self, "\(json)") { try call(json, raw) }
            #expect(error?.code == .invalidArgument && error?.field == "a", "\(json)")
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    // MARK: a body without JSON

    @Test("the shape of a body without JSON is told by the model's and the number of bytes")
    func withoutJSON() throws {
        func shape(_ shape: [Int], _ count: Int, _ datatype: Datatype = .fp32) throws -> [Int]? {
            let spec = TensorSpec(name: "x", datatype: datatype, shape: shape)
            return try [UInt8](repeating: 0, count: count).withUnsafeBytes {
                let call = try RawRequest.decode($0, inputs: [spec])
                #expect(call.forms.isBinary)
                return call.request.inputs.first?.tensor.shape
            }
        }
        #expect(try shape([-1, 30], 120) == [1, 30])
        #expect(try shape([-1, 30], 240) == [2, 30])
        #expect(try shape([-1, -1], 20) == [1, 5])
        #expect(try shape([2, 3], 24) == [2, 3])
        #expect(try shape([-1, 1], 5, .bytes) == [1, 1])
        for (wrong, count) in [([-1, 30], 121), ([-1, 30], 0), ([-1, -1, -1], 8), ([2, 3], 20), ([2, -1, -1], 8)] {
            #expect(throws: MartletError.self) { try shape(wrong, count) }
        }
        #expect(throws: MartletError.self) { try shape([-1, 2], 5, .bytes) }
        #expect(throws: MartletError.self) {
            let spec = TensorSpec(name: "x", datatype: .fp32, shape: [-1])
            _ = try [UInt8](repeating: 0, count: 4).withUnsafeBytes { try RawRequest.decode($0, inputs: [spec, spec]) }
        }
    }

    // MARK: answers

    @Test("raw outputs follow the JSON in its order, others stay in it")
    func answer() throws {
        let response = InferenceResponse(
            model: "m", version: 2, id: nil, predictionID: PredictionID(rawValue: "p1.a"),
            outputs: [
                NamedTensor(name: "label", tensor: try Tensor(.int64, shape: [1], elements: [Int64(7)])),
                NamedTensor(name: "y", tensor: try Tensor(datatype: .fp16, shape: [1], bytes: [0, 0x3E])),
                NamedTensor(name: "s", tensor: try Tensor(shape: [1], strings: ["ab"])),
            ])
        let body = try OpenInferenceAnswer.encode(
            response, OutputForms(isBinary: true, isBinaryByOutput: ["label": false]))
        let json =
            #"{"model_name":"m","model_version":"2","parameters":{"prediction_id":"p1.a"},"outputs":["#
            + #"{"name":"label","datatype":"INT64","shape":[1],"data":[7]},"#
            + #"{"name":"y","datatype":"FP16","shape":[1],"parameters":{"binary_data_size":2}},"#
            + #"{"name":"s","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":6}}]}"#
        #expect(body.jsonBytes == json.utf8.count)
        #expect(body.bytes == Array(json.utf8) + [0, 0x3E, 2, 0, 0, 0, 0x61, 0x62])
        let refused = #expect(throws: MartletError.self) { try OpenInferenceAnswer.encode(response) }
        #expect(refused?.code == .invalidArgument && refused?.field == "y")
    }
}
