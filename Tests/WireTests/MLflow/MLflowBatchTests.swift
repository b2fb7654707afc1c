import Domain
import Testing

@testable import Wire

@Suite("Bodies of log-batch, read in one pass")
struct MLflowBatchTests {
    @Test("what clients send is read as the general reader reads it")
    func plain() throws {
        let text = """
            { "run_id":"r\\u00e91", "metrics":[{"key":"auc","value":-0.25e1,"timestamp":1700000000000,"step":-3},
            {"timestamp":5,"value":7,"key":"a/b c"}], "params" : [{"key":"p","value":"\\n\\"x\\""}],
            "tags":[{"value":"","key":"t"}] }
            """
        let batch = try #require(MLflowBatch(Array(text.utf8)))
        #expect(batch.runID == "r\u{E9}1")
        #expect(
            batch.metrics == [
                MetricPoint(key: "auc", value: -2.5, timestamp: Timestamp(milliseconds: 1_700_000_000_000), step: -3),
                MetricPoint(key: "a/b c", value: 7, timestamp: Timestamp(milliseconds: 5), step: 0),
            ])
        #expect(batch.params.map(\.key) == ["p"] && batch.params.map(\.value) == ["\n\"x\""])
        #expect(batch.tags.map(\.key) == ["t"] && batch.tags.map(\.value) == [""])
        let lists = try #require(MLflowBatch(Array(#"{"metrics":[],"run_id":"r"}"#.utf8)))
        #expect(lists.runID == "r" && lists.metrics.isEmpty)
    }

    @Test(
        "everything else is left to the general reader",
        arguments: [
            "", "{", "[]", "null", "{}", #"{"run_id":""}"#, #"{"run_id":"r","run_id":"s"}"#, #"{"run_id":"r","x":1}"#,
            #"{"run_uuid":"r"}"#, #"{"run_id":"r"} x"#, #"{"run_id":"r","metrics":null}"#, #"{"run_id":1}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":"NaN","timestamp":1}]}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":1e999,"timestamp":1}]}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":1,"timestamp":"1"}]}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":1,"timestamp":1.5}]}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":1,"timestamp":9223372036854775808}]}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":1}]}"#,
            #"{"run_id":"r","metrics":[{"value":1,"timestamp":1}]}"#,
            #"{"run_id":"r","metrics":[{"key":"","value":1,"timestamp":1}]}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":1,"timestamp":1,"model_id":"m"}]}"#,
            #"{"run_id":"r","metrics":[{"key":"a","value":1,"timestamp":1,"value":2}]}"#,
            #"{"run_id":"r","metrics":[{"k\u0065y":"a","value":1,"timestamp":1}]}"#,
            #"{"run_id":"r","params":[{"key":"a","value":1}]}"#, #"{"run_id":"r","params":[{"value":"a"}]}"#,
            #"{"run_id":"r","tags":[{"key":"a","value":"b"},]}"#, #"{"run_id":"r","tags":[[]]}"#,
            #"{"run_id":"r","tags":[{"key":"a","value":"b"}}"#, "{\"run_id\":\"r\u{1}\"}",
            #"{"run_id":"r","metrics":[01]}"#,
        ])
    func odd(_ text: String) {
        #expect(MLflowBatch(Array(text.utf8)).map(\.runID) == nil)
    }

    @Test("more values than a batch may have are refused by the general reader")
    func tooMany() {
        func body(_ count: Int) -> [UInt8] {
            let metric = #"{"key":"a","value":1,"timestamp":1}"#
            let list = Array(repeating: metric, count: count).joined(separator: ",")
            return Array("{\"run_id\":\"r\",\"metrics\":[\(list)]}".utf8)
        }
        #expect(MLflowBatch(body(1000))?.metrics.count == 1000)
        #expect(MLflowBatch(body(1001))?.runID == nil)
    }
}
