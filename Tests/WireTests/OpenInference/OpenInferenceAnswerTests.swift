import Domain
import Testing
import Wire

@Suite("Open Inference Protocol: answers in JSON")
struct OpenInferenceAnswerTests {
    private func response(_ outputs: [NamedTensor], id: String? = nil) -> InferenceResponse {
        InferenceResponse(
            model: "churn", version: 3, id: id, predictionID: PredictionID(rawValue: "p1.abc"), outputs: outputs)
    }

    @Test("an answer has names, version, ids, shapes and flat data")
    func golden() throws {
        let outputs = [
            NamedTensor(name: "label", tensor: try Tensor(.int64, shape: [2], elements: [Int64(1), 0])),
            NamedTensor(name: "p", tensor: try Tensor(.fp32, shape: [2, 2], elements: [Float(0.1), 0.9, .nan, 1e-7])),
            NamedTensor(name: "s", tensor: try Tensor(shape: [1], strings: ["a\"\\\u{1}\n<é>"])),
            NamedTensor(name: "b", tensor: try Tensor(datatype: .bool, shape: [2], bytes: [0, 1])),
        ]
        let text = String(decoding: try OpenInferenceAnswer.encode(response(outputs, id: "q/1")), as: UTF8.self)
        #expect(
            text == #"{"model_name":"churn","model_version":"3","id":"q/1","parameters":{"prediction_id":"p1.abc"},"#
                + #""outputs":[{"name":"label","datatype":"INT64","shape":[2],"data":[1,0]},"#
                + #"{"name":"p","datatype":"FP32","shape":[2,2],"data":[0.1,0.9,null,1e-07]},"#
                + #"{"name":"s","datatype":"BYTES","shape":[1],"data":["a\"\\\u0001\n<é>"]},"#
                + #"{"name":"b","datatype":"BOOL","shape":[2],"data":[false,true]}]}"#)
    }

    @Test("an id that was not sent is left out")
    func noID() throws {
        let text = String(decoding: try OpenInferenceAnswer.encode(response([])), as: UTF8.self)
        #expect(!text.contains("\"id\""))
    }

    @Test("an infinity is an error that names the output, never a bare word in the JSON")
    func infinity() throws {
        let output = NamedTensor(name: "y", tensor: try Tensor(.fp64, shape: [1], elements: [Double.infinity]))
        let error = #expect(throws: MartletError.self) { try OpenInferenceAnswer.encode(response([output])) }
        #expect(error?.field == "y")
    }

    @Test("what is written reads back the same, bit for bit")
    func roundTrip() throws {
        var generator = SplitMix(state: 3)
        let floats = (0..<2000).map { _ in Float(bitPattern: UInt32.random(in: .min ... .max, using: &generator)) }
            .filter(\.isFinite)
        let tensor = try Tensor(.fp32, shape: [floats.count], elements: floats)
        let body = try OpenInferenceAnswer.encode(InferenceRequest(inputs: [NamedTensor(name: "x", tensor: tensor)]))
        let read = try OpenInferenceRequest.decode(body)
        #expect(read.inputs.first?.tensor == tensor)
    }

    @Test("records hold what the protocol's JSON cannot, and read back the same", arguments: [Datatype.fp16, .bf16])
    func records(datatype: Datatype) throws {
        // All finite values: the exponent's bits are not all ones.
        let exponent: UInt16 = datatype == .fp16 ? 0x7C00 : 0x7F80
        let bits = (UInt16.min ... .max).filter { $0 & exponent != exponent }
        let tensor = try Tensor(datatype, shape: [bits.count], elements: bits)
        let body = try OpenInferenceAnswer.encode(
            InferenceRequest(inputs: [NamedTensor(name: "x", tensor: tensor)]), as: .record)
        #expect(try OpenInferenceRequest.decode(body, as: .record).inputs.first?.tensor == tensor)
        #expect(throws: MartletError.self) { try OpenInferenceRequest.decode(body) }
    }

    @Test("records name infinities and mend strings")
    func recordedOddities() throws {
        let outputs = [
            NamedTensor(
                name: "y", tensor: try Tensor(.fp64, shape: [3], elements: [Double.infinity, -.infinity, .nan])),
            NamedTensor(name: "s", tensor: try Tensor(shape: [1], bytes: [0xFF], offsets: [0, 1])),
        ]
        let text = String(decoding: try OpenInferenceAnswer.encode(response(outputs), as: .record), as: UTF8.self)
        #expect(text.contains(#""data":["Infinity","-Infinity",null]"#) && text.contains("\"data\":[\"\u{FFFD}\"]"))
    }
}
