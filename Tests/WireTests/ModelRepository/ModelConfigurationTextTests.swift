import Domain
import Testing
import Wire

@Suite("The configuration of a model in a repository")
struct ModelConfigurationTextTests {
    private func read(_ text: String) throws -> ModelConfiguration {
        try ModelConfigurationText.decode(Array(text.utf8))
    }

    private func refusal(_ text: String) -> String {
        do {
            _ = try read(text)
            return "none"
        } catch { return (error as? MartletError)?.message ?? "\(error)" }
    }

    @Test("an empty one leaves everything as it is without one")
    func empty() throws {
        #expect(try read("") == ModelConfiguration())
        #expect(try read(" # nothing\n\t") == ModelConfiguration())
    }

    @Test("all fields that are served by are read, in every way in which the text format may write them")
    func fields() throws {
        let configuration = try read(
            """
            # of a model
            name: "wine" ' red'
            platform: "onnxruntime_onnx"; backend: "onnxruntime",
            max_batch_size: 0x10
            input [
              { name: "x" data_type: TYPE_FP32 dims: [ 3, -1 ] },
              { name: 'y' data_type: TYPE_STRING dims: 1 reshape: { shape: [ ] } }
            ]
            output { name: "z" data_type: TYPE_INT64 dims: 2 dims: 2 reshape { shape: 4 } }
            version_policy: < latest: < num_versions: 3 > >
            instance_group [ { count: 2 kind: KIND_CPU }, { kind: KIND_CPU } ]
            dynamic_batching { preferred_batch_size: [ 8, 4 ] max_queue_delay_microseconds: 100 }
            default_model_filename: "net.onnx"
            """)
        #expect(configuration.name == "wine red")
        #expect(configuration.maxBatchSize == 16)
        #expect(
            configuration.inputs == [
                .init(name: "x", datatype: .fp32, dims: [3, -1]),
                .init(name: "y", datatype: .bytes, dims: [1], reshape: []),
            ])
        #expect(configuration.outputs == [.init(name: "z", datatype: .int64, dims: [2, 2], reshape: [4])])
        #expect(configuration.versionPolicy == .latest(3))
        #expect(configuration.instances == 3)
        #expect(
            configuration.batching
                == BatchingRule(maxRows: 16, maxDelay: .microseconds(100), preferredRows: [4, 8]))
        #expect(configuration.fileName == "net.onnx")
        #expect(configuration.notes.isEmpty)
        #expect(
            configuration.rule
                == ServingRule(
                    maxRows: 16, instances: 3,
                    batching: BatchingRule(maxRows: 16, maxDelay: .microseconds(100), preferredRows: [4, 8])))
    }

    @Test(
        "version policies",
        arguments: [
            ("version_policy { all { } }", VersionPolicy.all), ("version_policy { latest { } }", .latest(1)),
            ("version_policy { specific { versions: [ 3, 1 ] } }", .specific([3, 1])),
            ("version_policy: { specific: { versions: 7 } }", .specific([7])),
        ])
    func policies(_ text: String, _ policy: VersionPolicy) throws {
        #expect(try read(text).versionPolicy == policy)
    }

    @Test("what is not served by is ignored with a note that says where it stands")
    func notes() throws {
        let configuration = try read(
            """
            optimization { execution_accelerators { gpu_execution_accelerator: [ { name: "tensorrt" } ] } }
            parameters: { key: "a", value: { string_value: "b" } }
            [some.extension/of.google]: -1.5e+3
              model_warmup [ { name: "one" } ]
            dynamic_batching { preserve_ordering: true }
            """)
        #expect(
            configuration.notes == [
                "1:1: optimization is ignored.", "2:1: parameters is ignored.",
                "3:1: [some.extension/of.google] is ignored.",
                "4:3: model_warmup is not read: each version is run once, with ones, when it is loaded.",
                "5:20: preserve_ordering is ignored.", "5:1: dynamic_batching is ignored: max_batch_size is 0.",
            ])
    }

    @Test(
        "a text that is none is refused with line and column",
        arguments: [
            ("name \"a\"", "1:6: \":\" or \"{\" was expected, and \"\"a\"\" stands there."),
            ("max_batch_size: 8\n  input [ { name: \"x\" }", "2:24: a comma or \"]\" was expected, and the text ends."),
            ("name: \"a\nb\"", "1:9: the end of a string was expected, and the line ends."),
            ("input {\n name: \"é\" ]", "2:12: the name of a field was expected, and \"]\" stands there."),
            ("input {", "1:8: \"}\" was expected, and the text ends."),
            ("a: ", "1:4: a value was expected, and the text ends."),
            ("a: \"\\q\"", "1:6: an escape was expected, and \"q\"\" stands there."),
        ])
    func syntax(_ text: String, _ message: String) {
        #expect(refusal(text) == message)
    }

    @Test(
        "a value that is wrong is refused with line, column and the rule",
        arguments: [
            ("max_batch_size: -1", "1:1: max_batch_size is a whole number from 0"),
            ("max_batch_size: 1\nmax_batch_size: 1", "2:1: max_batch_size stands there twice"),
            ("name: 3", "1:1: name is a string in quotes"), ("input: 3", "1:1: input is a message in braces"),
            (
                "platform: \"tensorrt_plan\"",
                "1:1: platform is \"tensorrt_plan\"; models are served by onnxruntime_onnx alone"
            ),
            ("backend: \"python\"", "models are served by onnxruntime alone"),
            ("input { name: \"x\" data_type: TYPE_FP8 }", "1:19: data_type is \"TYPE_FP8\", which is no data type"),
            ("input { name: \"x\" dims: 0 }", "1:19: dims is a whole number from 1 on, or -1"),
            ("input { dims: 1 }", "1:1: input has no name"),
            ("input { name: \"x\" } input { name: \"x\" }", "\"x\" is configured twice"),
            ("version_policy { }", "1:1: version_policy is one of latest, all and specific"),
            ("version_policy { newest { } }", "1:18: newest is no version policy"),
            ("version_policy { specific { } }", "1:18: specific names no versions"),
            ("max_batch_size: 4 dynamic_batching { preferred_batch_size: 8 }", "above max_batch_size 4"),
            ("default_model_filename: \"../model.onnx\"", "which is no name of a file"),
            ("max_batch_size: 99999999999999999999", "1:1: max_batch_size is a whole number"),
        ])
    func values(_ text: String, _ words: String) {
        #expect(refusal(text).contains(words), "\(refusal(text))")
    }

    @Test("a text that nests without end, or is no UTF-8, is refused and not followed")
    func hostile() {
        #expect(refusal(String(repeating: "a {", count: 100_000)).contains("nested"))
        #expect(throws: MartletError.self) { try ModelConfigurationText.decode([0xFF]) }
        #expect(throws: MartletError.self) {
            try ModelConfigurationText.decode([UInt8](repeating: 0x20, count: ModelConfigurationText.bytesMax + 1))
        }
    }

    @Test("the JSON of a call is the same configuration, with Triton's names or those of Protocol Buffers")
    func json() throws {
        let text = #"""
            {"name": "m", "platform": "onnxruntime_onnx", "backend": "onnxruntime", "maxBatchSize": "8", "version_policy":
             {"specific": {"versions": ["2", 3]}}, "input": [{"name": "x", "data_type": "TYPE_FP32", "format": "FORMAT_NONE",
             "dims": ["-1", 4], "is_shape_tensor": false, "optional": false}], "output": [], "optimization":
             {"priority": 0, "cuda": null}, "parameters": {}, "model_warmup": [], "dynamic_batching":
             {"preferred_batch_size": [], "max_queue_delay_microseconds": 5}}
            """#
        let configuration = try ModelConfigurationText.decode(json: text)
        var expected = ModelConfiguration()
        expected.name = "m"
        expected.maxBatchSize = 8
        expected.versionPolicy = .specific([2, 3])
        expected.inputs = [.init(name: "x", datatype: .fp32, dims: [-1, 4])]
        expected.batching = BatchingRule(maxRows: 8, maxDelay: .microseconds(5))
        #expect(configuration == expected)
        for text in ["", "[]", "{", #"{"max_batch_size": 1.5}"#, #"{"platform": "keras"}"#] {
            #expect(throws: MartletError.self) { try ModelConfigurationText.decode(json: text) }
        }
    }
}
