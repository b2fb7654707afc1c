import Domain
import Testing

@testable import Wire

@Suite("The v1 protocol")
struct PredictTests {
    private let matrix = [TensorSpec(name: "x", datatype: .fp32, shape: [-1, 2])]
    private let columns = [
        TensorSpec(name: "plant", datatype: .bytes, shape: [-1, 1]),
        TensorSpec(name: "heat", datatype: .fp32, shape: [-1, 1]),
        TensorSpec(name: "count", datatype: .int64, shape: [-1]),
    ]

    private func decode(_ text: String, _ inputs: [TensorSpec]) throws -> [Tensor] {
        try PredictRequest.decode(Array(text.utf8), inputs: inputs).inputs.map(\.tensor)
    }

    @Test(
        "rows and columns are the same tensor",
        arguments: [
            #"{"instances":[[1,2],[3,4.5]]}"#, #"{"instances":[{"x":[1,2]},{"x":[3,4.5]}]}"#,
            #"{"inputs":[[1,2],[3,4.5]]}"#,
            #"{"signature_name":"s","inputs":{"x":[[1,2],[3,4.5]]}}"#,
        ])
    func oneInput(text: String) throws {
        let tensors = try decode(text, matrix)
        #expect(tensors[0].shape == [2, 2])
        #expect(tensors[0].elements(as: Float.self) == [1, 2, 3, 4.5])
    }

    @Test(
        "rows of several inputs are objects or lists, columns an object",
        arguments: [
            #"{"instances":[{"plant":"a","heat":1.5,"count":3},{"count":4,"heat":null,"plant":"b"}]}"#,
            #"{"instances":[["a",1.5,3],["b",null,4]]}"#,
            #"{"inputs":{"plant":["a","b"],"heat":[[1.5],[null]],"count":[3,4]}}"#,
        ])
    func severalInputs(text: String) throws {
        let tensors = try decode(text, columns)
        #expect(tensors.map(\.shape) == [[2, 1], [2, 1], [2]])
        #expect(tensors[0].string(1) == "b")
        #expect(tensors[1].number(0) == 1.5 && tensors[1].number(1)?.isNaN == true)
        #expect(tensors[2].elements(as: Int64.self) == [3, 4])
    }

    @Test(
        "what is no such request is refused as the caller's fault",
        arguments: [
            "", "{}", "[]", #"{"instances":1}"#, #"{"instances":[[1,2],[3]]}"#, #"{"instances":[[1,"a"]]}"#,
            #"{"instances":[[1,2]],"inputs":[[1,2]]}"#, #"{"instances":[{"y":[1,2]}]}"#, #"{"instances":[{}]}"#,
            #"{"inputs":{}}"#, #"{"inputs":{"x":[[1,2],[3]]}}"#, #"{"instances":[[1,2]"#, #"{"instances":[[1,NaN]]}"#,
            #"{"instances":[[1,1e39]]}"#, #"{"instances":["# + String(repeating: "[", count: 100_000),
        ])
    func malformed(text: String) {
        let error = #expect(throws: MartletError.self) { try decode(text, matrix) }
        #expect(error?.code == .invalidArgument)
        #expect(throws: MartletError.self) { try decode(#"{"instances":[["a",1.5]]}"#, columns) }
        #expect(throws: MartletError.self) { try decode(#"{"instances":[["a",1.5,3,4]]}"#, columns) }
    }

    @Test("predictions are an element a row, and a row of one value is that value")
    func answers() throws {
        func text(_ tensor: Tensor) throws -> String {
            String(decoding: try PredictAnswer.encode(NamedTensor(name: "y", tensor: tensor)), as: UTF8.self)
        }
        #expect(try text(Tensor(.int64, shape: [2], elements: [Int64(1), 0])) == #"{"predictions":[1,0]}"#)
        #expect(try text(Tensor(.fp32, shape: [2, 1], elements: [Float(1), 0.5])) == #"{"predictions":[1.0,0.5]}"#)
        #expect(
            try text(Tensor(.fp32, shape: [2, 2], elements: [Float(1), 2, 3, .nan]))
                == #"{"predictions":[[1.0,2.0],[3.0,null]]}"#)
        #expect(
            try text(Tensor(.uint8, shape: [1, 2, 3], elements: [UInt8](1...6)))
                == #"{"predictions":[[[1,2,3],[4,5,6]]]}"#)
        #expect(try text(Tensor(shape: [1], strings: ["a"])) == #"{"predictions":["a"]}"#)
        #expect(try text(Tensor(.int8, shape: [], elements: [Int8(3)])) == #"{"predictions":[3]}"#)
    }
}
