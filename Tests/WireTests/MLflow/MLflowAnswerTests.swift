import Domain
import Testing
import Wire

@Suite("MLflow answers, byte by byte")
struct MLflowAnswerTests {
    private let time = Timestamp(milliseconds: 1_767_225_600_000)

    private func text(_ answer: JSONValue) -> String { String(decoding: JSONPrinter.print(answer), as: UTF8.self) }

    @Test("an experiment: its id is text, its times are numbers, and no tags are no field")
    func experiment() {
        var experiment = Experiment(
            id: "7", name: "pump", artifactLocation: "mlflow-artifacts:/7", isDeleted: false, createdAt: time,
            updatedAt: time, tags: [:])
        #expect(
            text(MLflowAnswer.experiment(experiment))
                == #"{"artifact_location":"mlflow-artifacts:/7","creation_time":1767225600000,"experiment_id":"7","last_update_time":1767225600000,"lifecycle_stage":"active","name":"pump"}"#
        )
        experiment.isDeleted = true
        experiment.tags = ["b": "2", "a": "<\"é\">"]
        let answer = MLflowAnswer.experiment(experiment)
        #expect(answer["lifecycle_stage"] == "deleted")
        #expect(text(answer["tags"] ?? .null) == #"[{"key":"a","value":"<\"é\">"},{"key":"b","value":"2"}]"#)
    }

    @Test("a run with everything: both names of its id, NaN as a word, lists only where there is something")
    func run() {
        var run = Run(
            id: "r1", experimentID: "0", name: "n", userID: "", status: .running, startedAt: time, endedAt: nil,
            artifactURI: "mlflow-artifacts:/0/r1/artifacts", isDeleted: false)
        let info =
            #"{"artifact_uri":"mlflow-artifacts:/0/r1/artifacts","experiment_id":"0","lifecycle_stage":"active","run_id":"r1","run_name":"n","run_uuid":"r1","start_time":1767225600000,"status":"RUNNING","user_id":""}"#
        #expect(text(MLflowAnswer.run(run)) == #"{"data":{},"info":"# + info + #","inputs":{},"outputs":{}}"#)
        run.metrics = [
            MetricPoint(key: "nan", value: .nan, timestamp: time, step: -1),
            MetricPoint(
                key: "auc", value: 0.5, timestamp: time, step: 0, datasetName: "d", datasetDigest: "g", modelID: "m-1"),
        ]
        run.params = ["lr": "0.1"]
        run.datasets = [
            DatasetInput(
                name: "d", digest: "g", sourceType: "local", source: "{}", schema: nil, profile: nil,
                tags: ["mlflow.data.context": "training"])
        ]
        run.modelOutputs = [ModelOutput(modelID: "m-1", step: 0)]
        #expect(
            text(MLflowAnswer.run(run)["data"] ?? .null)
                == #"{"metrics":[{"key":"nan","step":-1,"timestamp":1767225600000,"value":"NaN"},{"dataset_digest":"g","dataset_name":"d","key":"auc","model_id":"m-1","step":0,"timestamp":1767225600000,"value":0.5}],"params":[{"key":"lr","value":"0.1"}]}"#
        )
        #expect(
            text(MLflowAnswer.run(run)["inputs"] ?? .null)
                == #"{"dataset_inputs":[{"dataset":{"digest":"g","name":"d","source":"{}","source_type":"local"},"tags":[{"key":"mlflow.data.context","value":"training"}]}]}"#
        )
        #expect(
            text(MLflowAnswer.run(run)["outputs"] ?? .null) == #"{"model_outputs":[{"model_id":"m-1","step":0}]}"#)
    }

    @Test("a page of runs written straight to bytes is what the tree of values prints")
    func page() {
        var full = Run(
            id: "r1", experimentID: "0", name: "a \"quoted\" name\n", userID: "é", status: .failed, startedAt: time,
            endedAt: time, artifactURI: "mlflow-artifacts:/0/r1/artifacts", isDeleted: true)
        full.metrics = [
            MetricPoint(key: "a", value: -1e300, timestamp: time, step: -1),
            MetricPoint(key: "b", value: .nan, timestamp: time, step: 0),
            MetricPoint(key: "c", value: .infinity, timestamp: time, step: 2, datasetName: "d", datasetDigest: "g"),
        ]
        full.params = ["lr": "0.1", "b\u{7F}": "\u{1}\\"]
        full.tags = ["z": "", "a": "\u{1F426}"]
        full.datasets = [
            DatasetInput(
                name: "d", digest: "g", sourceType: "local", source: "{}", schema: nil, profile: nil, tags: [:])
        ]
        full.modelInputs = ["m-0"]
        full.modelOutputs = [ModelOutput(modelID: "m-1", step: 0)]
        let bare = Run(
            id: "r2", experimentID: "0", name: "", userID: "", status: .running, startedAt: nil, endedAt: nil,
            artifactURI: "", isDeleted: false)
        for runs in [[full, bare], [bare], []] {
            for next in [nil, 1000] {
                #expect(
                    String(decoding: MLflowRunWriter.page(runs, nextOffset: next), as: UTF8.self)
                        == text(MLflowAnswer.page("runs", runs.map { MLflowAnswer.run($0) }, nextOffset: next)))
            }
        }
    }

    @Test("infinities are words")
    func infinities() {
        for (value, word) in [(Double.infinity, "Infinity"), (-.infinity, "-Infinity")] {
            let point = MetricPoint(key: "k", value: value, timestamp: time, step: 0)
            #expect(text(MLflowAnswer.metric(point)).hasSuffix("\"value\":\"\(word)\"}"))
        }
    }

    @Test("a version: its number is text, what is empty is empty text, and only something to say has a message")
    func version() {
        var version = ModelVersion(
            id: ModelVersionID(model: "pump", version: 3), createdAt: time, updatedAt: time, stage: .none,
            description: nil, source: "models:/m-1", runID: nil, runLink: nil, loggedModelID: "m-1",
            artifactRoot: "0/models/m-1/artifacts", createdBy: Principal.ID(rawValue: "p1"), createdByName: "ada")
        let whole =
            #"{"creation_timestamp":1767225600000,"current_stage":"None","description":"","last_updated_timestamp":1767225600000,"name":"pump","run_id":"","run_link":"","source":"models:/m-1","status":"READY","user_id":"ada","version":"3"}"#
        #expect(text(MLflowAnswer.modelVersion(version)) == whole)
        version.statusMessage = "elsewhere"
        version.aliases = ["champion"]
        version.tags = ["k": "v"]
        let answer = MLflowAnswer.modelVersion(version)
        #expect(answer["status_message"] == "elsewhere" && answer["status"] == "READY")
        #expect(answer["aliases"] == ["champion"] && answer["tags"] == [["key": "k", "value": "v"]])
    }

    @Test("a registered model has its aliases by name with versions as text")
    func registeredModel() {
        var model = RegisteredModel(name: "pump", description: nil, createdAt: time, updatedAt: time)
        #expect(
            text(MLflowAnswer.registeredModel(model))
                == #"{"creation_timestamp":1767225600000,"last_updated_timestamp":1767225600000,"name":"pump"}"#)
        model.aliases = ["next": 12, "champion": 3]
        #expect(
            text(MLflowAnswer.registeredModel(model)["aliases"] ?? .null)
                == #"[{"alias":"champion","version":"3"},{"alias":"next","version":"12"}]"#)
    }

    @Test("a logged model has its info and its data")
    func loggedModel() {
        var model = LoggedModel(
            id: "m-1", experimentID: "0", name: "forest", modelType: "", sourceRunID: "r1", status: .ready,
            artifactURI: "mlflow-artifacts:/0/models/m-1/artifacts", createdAt: time, updatedAt: time)
        model.params = ["trees": "20"]
        #expect(
            text(MLflowAnswer.loggedModel(model))
                == #"{"data":{"params":[{"key":"trees","value":"20"}]},"info":{"artifact_uri":"mlflow-artifacts:/0/models/m-1/artifacts","creation_timestamp_ms":1767225600000,"experiment_id":"0","last_updated_timestamp_ms":1767225600000,"model_id":"m-1","model_type":"","name":"forest","source_run_id":"r1","status":"LOGGED_MODEL_READY"}}"#
        )
    }

    @Test("a light answer has no member for what it leaves out")
    func basic() {
        let experiment = Experiment(
            id: "7", name: "pump", artifactLocation: "a", isDeleted: false, createdAt: time, updatedAt: time,
            tags: ["k": "v"])
        #expect(MLflowAnswer.experiment(experiment, .basic)["tags"] == nil)
        var model = RegisteredModel(name: "pump", description: nil, createdAt: time, updatedAt: time)
        model.tags = ["k": "v"]
        #expect(MLflowAnswer.registeredModel(model, .basic)["tags"] == nil)
        #expect(MLflowAnswer.registeredModel(model, .basic)["latest_versions"] == nil)
        let logged = LoggedModel(
            id: "m-1", experimentID: "0", name: "f", modelType: "", sourceRunID: "", status: .ready, artifactURI: "a",
            createdAt: time, updatedAt: time)
        #expect(MLflowAnswer.loggedModel(logged, .basic).objectValue?.keys.sorted() == ["info"])
        let run = Run(
            id: "r1", experimentID: "0", name: "n", userID: "", status: .running, startedAt: time, endedAt: nil,
            artifactURI: "a", isDeleted: false)
        #expect(MLflowAnswer.run(run, .basic).objectValue?.keys.sorted() == ["info"])
    }

    @Test("a page has a token only where there is another; an empty one is an empty object")
    func pages() {
        #expect(text(MLflowAnswer.page("runs", [], nextOffset: nil)) == "{}")
        // base64 of {"offset": 5}
        #expect(
            text(MLflowAnswer.page("runs", [1], nextOffset: 5))
                == #"{"next_page_token":"eyJvZmZzZXQiOiA1fQ==","runs":[1]}"#)
    }
}
