import Domain
import Testing

@testable import Wire

@Suite("Open Inference Protocol: requests in JSON")
struct OpenInferenceRequestTests {
    private func decode(_ text: String) throws -> InferenceRequest {
        try OpenInferenceRequest.decode(Array(text.utf8))
    }

    private func input(_ datatype: String, _ shape: String, _ data: String) throws -> Tensor {
        let request = try decode(
            #"{"inputs":[{"name":"x","datatype":"\#(datatype)","shape":\#(shape),"data":\#(data)}]}"#)
        return try #require(request.inputs.first).tensor
    }

    @Test("a whole request is read, with its members in any order and unknown ones ignored")
    func wholeRequest() throws {
        let request = try decode(
            #"""
             {"outputs":[{"name":"y","parameters":{"binary_data":false}}], "future":{"a":[1,{}]}, "id":"é\u00e9\ud83d\ude00",
              "parameters":{"business_key":"order 7","unknown":1.5},
              "inputs":[{"data":[[1,2.5],[-3e2,4]],"parameters":{"note":"x"},"shape":[2,2],"name":"x","datatype":"FP32"},
                        {"name":"s","datatype":"BYTES","shape":[2,1],"data":["a\n\"","ü"]}]}
            """#)
        #expect(request.id == "éé😀")
        #expect(request.businessKey == "order 7")
        #expect(request.outputs == ["y"])
        #expect(request.inputs.map(\.name) == ["x", "s"])
        #expect(request.inputs[0].tensor.shape == [2, 2])
        #expect(request.inputs[0].tensor.elements(as: Float.self) == [1, 2.5, -300, 4])
        #expect(request.inputs[1].tensor.string(0) == "a\n\"")
        #expect(request.inputs[1].tensor.string(1) == "ü")
    }

    @Test("flat and nested data are the same tensor", arguments: ["[1,2,3,4,5,6]", "[[1,2,3],[4,5,6]]"])
    func flatAndNested(data: String) throws {
        #expect(try input("INT64", "[2,3]", data).elements(as: Int64.self) == [1, 2, 3, 4, 5, 6])
    }

    @Test("every integer type takes its own extremes and nothing beyond")
    func integerRanges() throws {
        let ranges: [(String, String, String, String, String)] = [
            ("UINT8", "0", "255", "-1", "256"), ("INT8", "-128", "127", "-129", "128"),
            ("UINT16", "0", "65535", "-1", "65536"), ("INT16", "-32768", "32767", "-32769", "32768"),
            ("UINT32", "0", "4294967295", "-1", "4294967296"),
            ("INT32", "-2147483648", "2147483647", "-2147483649", "2147483648"),
            ("UINT64", "0", "18446744073709551615", "-1", "18446744073709551616"),
            ("INT64", "-9223372036854775808", "9223372036854775807", "-9223372036854775809", "9223372036854775808"),
        ]
        for (datatype, least, most, below, above) in ranges {
            let tensor = try input(datatype, "[2]", "[\(least),\(most)]")
            #expect(tensor.text(0) == least)
            #expect(tensor.text(1) == most)
            for outside in [below, above, "1.0", "1e0", "true", "\"1\"", "null"] {
                #expect(throws: MartletError.self, "\(datatype) \(outside)") {
                    try input(datatype, "[1]", "[\(outside)]")
                }
            }
        }
    }

    @Test("null is a missing number, and only in floating-point data")
    func nullIsNaN() throws {
        #expect(try input("FP64", "[1]", "[null]").elements(as: Double.self)[0].isNaN)
        #expect(try input("FP32", "[1]", "[null]").elements(as: Float.self)[0].isNaN)
    }

    @Test("numbers are the nearest float and double, also where rounding is hardest")
    func exactNumbers() throws {
        var generator = SplitMix(state: 7)
        var texts = [
            "0", "-0", "1", "0.1", "16777217", "16777219", "9007199254740993", "1e22", "1e23", "1.7976931348623157e308",
            "5e-324", "2.2250738585072011e-308", "3.4028235e38", "1.1754944e-38", "1e-45", "7.006492321624085e-46",
            "0.000000000000000000000000000000000000000000001401298464324817", "100000000000000000000000000000000000000",
            "1.00000005960464477539", "1.000000059604644775390625", "1.0000000596046447753906251",
            "123456789012345678901234567890",
            "0.3", "2.5e-1", "8.5e0000", "1E+2", "179769313486231570000e287",
        ]
        for _ in 0..<20_000 {
            let bits = UInt32.random(in: .min ... .max, using: &generator)
            let float = Float(bitPattern: bits)
            if float.isFinite { texts.append(float.description) }
            let middle = (Double(abs(float)) + Double(abs(float).nextUp)) / 2
            if middle.isFinite { texts.append(middle.description) }
            let double = Double(bitPattern: UInt64.random(in: .min ... .max, using: &generator))
            if double.isFinite { texts.append(double.description) }
        }
        for text in texts {
            var reader = JSONReader(Array(text.utf8))
            let number = try reader.readNumber()
            #expect(reader.double(number).bitPattern == Double(text)?.bitPattern, "\(text)")
            #expect(reader.float(number).bitPattern == Float(text)?.bitPattern, "\(text)")
        }
        // The same as data, where plain numbers have a way of their own; with spaces and without.
        for separator in [",", " ,\n\t"] {
            let floats = texts.compactMap { text in Float(text).flatMap { $0.isFinite ? (text, $0) : nil } }
            let data = floats.map(\.0).joined(separator: separator)
            let read = try input("FP32", "[\(floats.count)]", "[\(data)]").elements(as: Float.self)
            #expect(read.map(\.bitPattern) == floats.map(\.1.bitPattern))
            let doubles = texts.compactMap { text in Double(text).flatMap { $0.isFinite ? (text, $0) : nil } }
            let wide = doubles.map(\.0).joined(separator: separator)
            let exact = try input("FP64", "[\(doubles.count)]", "[\(wide)]").elements(as: Double.self)
            #expect(exact.map(\.bitPattern) == doubles.map(\.1.bitPattern))
        }
    }

    @Test("a scalar has one element, flat; none, two and nested ones are refused")
    func scalars() throws {
        #expect(try input("FP32", "[]", "[2.5]").elements(as: Float.self) == [2.5])
        for data in ["[]", "[1,2]", "[[1]]", "1", "[", "[1"] {
            #expect(throws: MartletError.self, "\(data)") { try input("FP32", "[]", data) }
        }
    }

    @Test(
        "numbers that JSON has not are refused, also behind good ones",
        arguments: ["01", "-", "+1", "1.", ".5", "1e", "0x1", "NaN", "- 1", "1 2", "1.2.3", "1e5.5", "--1", "00.1"])
    func notNumbers(text: String) {
        for data in ["[1.5,\(text)]", "[\(text),1.5]"] {
            #expect(throws: MartletError.self, "\(data)") { try input("FP32", "[2]", data) }
            #expect(throws: MartletError.self, "\(data)") { try input("FP64", "[2]", data) }
        }
    }

    @Test("a claimed shape of 2^40 is refused without memory for it")
    func claimedShape() {
        let error = #expect(throws: MartletError.self) { try input("FP32", "[1099511627776,30]", "[1]") }
        #expect(error?.message.contains("claims more elements") == true)
    }

    @Test("the parameters that count are read: timeout in microseconds, form of the outputs, classes")
    func parameters() throws {
        let call = try OpenInferenceRequest.call(
            Array(
                #"""
                {"parameters":{"timeout":1500,"binary_data_output":true,"priority":1,"sequence_id":"a"},
                 "inputs":[],"outputs":[{"name":"a","parameters":{"binary_data":false,"other":[{}]}},
                 {"name":"b","parameters":{"classification":3}},{"name":"c"}]}
                """#.utf8))
        #expect(call.request.timeout == .microseconds(1500))
        #expect(call.request.outputs == ["a", "b", "c"])
        #expect(call.request.classifications == ["b": 3])
        #expect(["a", "b", "c"].map { call.forms.isBinary($0) } == [false, true, true])
        let none = try OpenInferenceRequest.call(
            Array(
                #"{"parameters":{"timeout":0},"inputs":[],"outputs":[{"name":"b","parameters":{"classification":0}}]}"#
                    .utf8))
        #expect(none.request.timeout == nil && none.request.classifications.isEmpty)
    }

    @Test("shared memory is refused as what is not there")
    func sharedMemory() {
        for text in [
            #"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","parameters":{"shared_memory_region":"r"}}]}"#,
            #"{"inputs":[],"outputs":[{"name":"y","parameters":{"shared_memory_region":"r"}}]}"#,
        ] {
            let error = #expect(throws: MartletError.self) { try decode(text) }
            #expect(error?.code == .unimplemented)
        }
    }
}

/// A seeded generator (Steele, Lea, Flood 2014), so that a failure comes again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
