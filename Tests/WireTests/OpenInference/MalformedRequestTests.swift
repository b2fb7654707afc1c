import Domain
import Testing
import Wire

@Suite("Open Inference Protocol: malformed requests")
struct MalformedRequestTests {
    private static let good =
        #"{"id":"a","parameters":{"k":1},"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4]]}],"outputs":[{"name":"y"}]}"#

    private static func withData(_ datatype: String, _ shape: String, _ data: String) -> String {
        #"{"inputs":[{"name":"x","shape":\#(shape),"datatype":"\#(datatype)","data":\#(data)}]}"#
    }

    /// Each of these must be refused, and by a sentence.
    private static let table: [String] =
        [
            "", " ", "null", "true", "1", "\"x\"", "[]", "{}", "{", "}", "{]", "{\"inputs\"}", "{\"inputs\":}",
            "{\"inputs\":[}",
            "{\"inputs\":null}", "{\"inputs\":{}}", "{\"inputs\":1}", "{\"inputs\":[1]}", "{\"inputs\":[null]}",
            "{\"inputs\":[[]]}", "{\"inputs\":[{}]}", "{\"inputs\":[],}", "{inputs:[]}", "{'inputs':[]}",
            "{\"inputs\":[]}x", "{\"inputs\":[]}{}", "{\"inputs\":[],\"inputs\":[]}", "{\"id\":1,\"inputs\":[]}",
            "{\"id\":null,\"inputs\":[]}", "{\"id\":\"\\x\",\"inputs\":[]}", "{\"id\":\"\\ud800\",\"inputs\":[]}",
            "{\"id\":\"\\udc00\",\"inputs\":[]}", "{\"id\":\"\\ud800\\u0041\",\"inputs\":[]}",
            "{\"id\":\"\\u12\",\"inputs\":[]}",
            "{\"id\":\"a\u{1}b\",\"inputs\":[]}", "{\"parameters\":1,\"inputs\":[]}",
            "{\"parameters\":[],\"inputs\":[]}",
            "{\"parameters\":{\"business_key\":1},\"inputs\":[]}",
            "{\"parameters\":{\"business_key\":\"a\\u0000b\"},\"inputs\":[]}",
            "{\"parameters\":{\"binary_data_output\":1},\"inputs\":[]}",
            "{\"parameters\":{\"timeout\":-1},\"inputs\":[]}", "{\"parameters\":{\"timeout\":1.5},\"inputs\":[]}",
            "{\"parameters\":{\"timeout\":\"1\"},\"inputs\":[]}",
            "{\"parameters\":{\"timeout\":99999999999999999999},\"inputs\":[]}",
            "{\"parameters\":{\"a\":1,\"a\":2},\"inputs\":[]}",
            "{\"outputs\":1,\"inputs\":[]}", "{\"outputs\":[1],\"inputs\":[]}", "{\"outputs\":[{}],\"inputs\":[]}",
            "{\"outputs\":[{\"name\":1}],\"inputs\":[]}",
            "{\"outputs\":[{\"name\":\"y\"},{\"name\":\"y\"}],\"inputs\":[]}",
            "{\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":1}}],\"inputs\":[]}",
            "{\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":-2}}],\"inputs\":[]}",
            "{\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":\"2\"}}],\"inputs\":[]}",
            "\u{FEFF}{\"inputs\":[]}",
            "{\"inputs\":[{\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"data\":[1]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"data\":[1]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\"}]}",
            "{\"inputs\":[{\"name\":1,\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":32,\"data\":[1]}]}",
            withData("FP32", "1", "[1]"), withData("FP32", "null", "[1]"), withData("FP32", "{}", "[1]"),
            withData("FP32", "[\"1\"]", "[1]"), withData("FP32", "[1.0]", "[1]"), withData("FP32", "[-1]", "[1]"),
            withData("FP32", "[0]", "[]"), withData("FP32", "[0,3]", "[]"), withData("FP32", "[1e0]", "[1]"),
            withData("FP32", "[1099511627776]", "[1]"), withData("FP32", "[4294967296,4294967296]", "[1]"),
            withData("FP32", "[9223372036854775807,9223372036854775807]", "[1]"),
            withData("FP32", "[99999999999999999999]", "[1]"), withData("FP32", "[[1]]", "[1]"),
            withData("FP32", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[1]"),
            withData("fp32", "[1]", "[1]"), withData("FLOAT", "[1]", "[1]"), withData("", "[1]", "[1]"),
            withData("FP16", "[1]", "[1]"), withData("BF16", "[1]", "[1]"),
            withData("FP32", "[1]", "1"), withData("FP32", "[1]", "null"), withData("FP32", "[1]", "{}"),
            withData("FP32", "[1]", "\"1\""), withData("FP32", "[1]", "[]"), withData("FP32", "[1]", "[1,2]"),
            withData("FP32", "[2]", "[1]"), withData("FP32", "[1]", "[[1]]"), withData("FP32", "[1]", "[1,]"),
            withData("FP32", "[1]", "[,1]"), withData("FP32", "[1]", "[1 1]"), withData("FP32", "[1]", "[\"1\"]"),
            withData("FP32", "[1]", "[true]"), withData("FP32", "[1]", "[{}]"), withData("FP32", "[1]", "[NaN]"),
            withData("FP32", "[1]", "[Infinity]"), withData("FP32", "[1]", "[-Infinity]"),
            withData("FP32", "[1]", "[1e39]"),
            withData("FP32", "[1]", "[-1e39]"), withData("FP64", "[1]", "[1e309]"),
            withData("FP64", "[1]", "[1e99999999999]"),
            withData("FP32", "[1]", "[01]"), withData("FP32", "[1]", "[.5]"), withData("FP32", "[1]", "[5.]"),
            withData("FP32", "[1]", "[+1]"), withData("FP32", "[1]", "[1e]"), withData("FP32", "[1]", "[1e+]"),
            withData("FP32", "[1]", "[-]"), withData("FP32", "[1]", "[0x10]"), withData("FP32", "[1]", "[1_000]"),
            withData("FP32", "[2,2]", "[[1,2],[3]]"), withData("FP32", "[2,2]", "[[1,2,3],[4]]"),
            withData("FP32", "[2,2]", "[[1,2],3,4]"), withData("FP32", "[2,2]", "[1,[2,3],4]"),
            withData("FP32", "[2,2]", "[[1,2]]"), withData("FP32", "[2,2,2]", "[[1,2,3,4],[5,6,7,8]]"),
            withData("FP32", "[2,2]", "[[[1,2]],[[3,4]]]"), withData("FP32", "[2,2]", "[[],[1,2,3,4]]"),
            withData("UINT8", "[1]", "[300]"), withData("UINT8", "[1]", "[-1]"), withData("INT8", "[1]", "[128]"),
            withData("INT64", "[1]", "[1.5]"), withData("INT64", "[1]", "[9223372036854775808]"),
            withData("UINT64", "[1]", "[18446744073709551616]"), withData("BOOL", "[1]", "[1]"),
            withData("BOOL", "[1]", "[\"true\"]"), withData("BOOL", "[1]", "[null]"), withData("BYTES", "[1]", "[1]"),
            withData("BYTES", "[1]", "[null]"), withData("BYTES", "[1]", "[\"\\ud83d\"]"),
            withData("BYTES", "[2]", "[\"a\"]"),
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":4}}]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]},"
                + "{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}",
            String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000),
            "{\"inputs\":" + String(repeating: "[", count: 100_000),
            withData("FP32", "[1]", String(repeating: "[", count: 100_000)),
            withData("FP32", "[1]", "[" + String(repeating: "1", count: 100_000) + "]"),
            "{\"unknown\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
                + ",\"inputs\":[]}",
            "{\"id\":\"" + String(repeating: "a", count: 1025) + "\",\"inputs\":[]}",
        ]

    @Test("each is refused as the caller's fault, by a sentence")
    func table() {
        #expect(Self.table.count >= 100)
        for text in Self.table {
            let error = #expect(throws: MartletError.self, "\(text.prefix(120))") {
                try OpenInferenceRequest.decode(Array(text.utf8))
            }
            #expect(error?.code == .invalidArgument, "\(text.prefix(120))")
            #expect(error?.message.isEmpty == false)
        }
    }

    @Test("a good request cut anywhere is refused")
    func truncated() throws {
        let bytes = Array(Self.good.utf8)
        _ = try OpenInferenceRequest.decode(bytes)
        for length in bytes.indices {
            let error = #expect(throws: MartletError.self) { try OpenInferenceRequest.decode(Array(bytes[..<length])) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("a good request with one byte changed never crashes, and is refused only as the caller's fault")
    func mutated() {
        var generator = SplitMix(state: 11)
        let good = Array(Self.good.utf8)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                    in: .min ... .max, using: &generator)
            }
            do {
                _ = try OpenInferenceRequest.decode(bytes)
            } catch {
                #expect(error.code == .invalidArgument)
            }
        }
    }

    @Test(
        "bytes that are not UTF-8 are refused wherever they stand",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        for (before, after) in [
            ("{\"inputs\":[{\"name\":\"", "\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]}"),
            ("{\"id\":\"", "\",\"inputs\":[]}"),
            ("{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"", "\"]}]}"),
        ] {
            #expect(throws: MartletError.self) {
                try OpenInferenceRequest.decode(Array(before.utf8) + bytes + Array(after.utf8))
            }
        }
    }
}
