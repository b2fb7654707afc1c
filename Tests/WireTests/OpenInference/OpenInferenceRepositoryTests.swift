import Domain
import Testing
import Wire

@Suite("Open Inference Protocol: repository, configuration, statistics")
struct OpenInferenceRepositoryTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("an index tells names, versions, states, and a reason where there is one")
    func index() {
        let entries = [
            RepositoryEntry(id: ModelVersionID(model: "a", version: 1)),
            RepositoryEntry(id: ModelVersionID(model: "a", version: 2), reason: "It is \"broken\"."),
        ]
        #expect(
            text(OpenInferenceAnswer.repository(entries))
                == #"[{"name":"a","version":"1","state":"READY"},"#
                + #"{"name":"a","version":"2","state":"UNAVAILABLE","reason":"It is \"broken\"."}]"#)
    }

    @Test("a configuration has the dimensions of one row where all is in rows, else whole shapes")
    func configuration() {
        var metadata = ServedModelMetadata(
            name: "m", versions: [1, 2], platform: "onnx_onnxv1",
            inputs: [TensorSpec(name: "x", datatype: .fp32, shape: [-1, 30])],
            outputs: [TensorSpec(name: "label", datatype: .bytes, shape: [-1])], version: 2, predictionOutput: "label")
        let start =
            #"{"name":"m","platform":"onnxruntime_onnx","backend":"onnxruntime","version_policy":{"specific":{"versions":[1,2]}},"#
        #expect(
            text(OpenInferenceAnswer.modelConfiguration(metadata))
                == start + #""max_batch_size":10000,"input":[{"name":"x","data_type":"TYPE_FP32","dims":[30]}],"#
                + #""output":[{"name":"label","data_type":"TYPE_STRING","dims":[1],"reshape":{"shape":[]}}]}"#)
        metadata.outputs[0].shape = [1]
        #expect(
            text(OpenInferenceAnswer.modelConfiguration(metadata))
                == start + #""max_batch_size":0,"input":[{"name":"x","data_type":"TYPE_FP32","dims":[-1,30]}],"#
                + #""output":[{"name":"label","data_type":"TYPE_STRING","dims":[1]}]}"#)
    }

    @Test("statistics have Triton's members")
    func statistics() {
        var statistics = ServedModelStatistics(id: ModelVersionID(model: "m", version: 3))
        statistics.lastInference = Timestamp(milliseconds: 77)
        (statistics.inferenceCount, statistics.executionCount) = (6, 2)
        statistics.success = TimeTotal(count: 2, nanoseconds: 900)
        statistics.computeInfer = TimeTotal(count: 2, nanoseconds: 500)
        var batch = BatchStatistics(rows: 3)
        batch.computeInfer = TimeTotal(count: 2, nanoseconds: 500)
        statistics.batches = [batch]
        statistics.circuit = CircuitStatistics(state: .open, opened: 2, refused: 5)
        let none = #"{"count":0,"ns":0}"#
        #expect(
            text(OpenInferenceAnswer.statistics([statistics]))
                == #"{"model_stats":[{"name":"m","version":"3","last_inference":77,"inference_count":6,"execution_count":2,"#
                + #""inference_stats":{"success":{"count":2,"ns":900},"fail":\#(none),"queue":\#(none),"compute_input":\#(none),"#
                + #""compute_infer":{"count":2,"ns":500},"compute_output":\#(none),"cache_hit":\#(none),"cache_miss":\#(none)},"#
                + #""batch_stats":[{"batch_size":3,"compute_input":\#(none),"compute_infer":{"count":2,"ns":500},"compute_output":\#(none)}],"#
                + #""circuit_breaker":{"state":"open","opened":2,"refused":5}}]}"#
        )
    }

    @Test("bodies of the repository's calls may be empty; overrides are found")
    func requests() throws {
        #expect(try RepositoryRequest.readyOnly([]) == false)
        #expect(try RepositoryRequest.readyOnly(Array(#"{"ready":true,"x":[]}"#.utf8)) == true)
        #expect(try RepositoryRequest.overrides([]) == ModelLoadOverrides())
        #expect(
            try RepositoryRequest.overrides(
                Array(#"{"parameters":{"config":"{}","file:1/model.onnx":"aaaa","unload_dependents":true}}"#.utf8))
                == ModelLoadOverrides(configuration: "{}", files: ["file:1/model.onnx"]))
        for text in ["x", "[]", #"{"ready":1}"#, "{} {}"] {
            #expect(throws: MartletError.self) { try RepositoryRequest.readyOnly(Array(text.utf8)) }
        }
        for text in [#"{"parameters":1}"#, #"{"parameters":{"config":{}}}"#] {
            #expect(throws: MartletError.self) { try RepositoryRequest.overrides(Array(text.utf8)) }
        }
    }
}
