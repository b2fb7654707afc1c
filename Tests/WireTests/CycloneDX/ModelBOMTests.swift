import Domain
import Testing
import Wire

@Suite("The bill of materials of a version")
struct ModelBOMTests {
    @Test("requirements name libraries with exact versions only; options, comments, URLs and markers are passed over")
    func requirements() {
        let text = """
            mlflow==3.17.2
            scikit_learn[all] == 1.9.1  # exact
            numpy>=1.2,<3
            -r other.txt
            --hash=sha256:x
            pandas==3.*
            colorama==0.4 ; sys_platform == "win32"
            git+https://example.org/x.git

            """
        let found = PythonRequirement.parse(requirements: text).map { "\($0.name)@\($0.version ?? "-")" }
        #expect(found == ["mlflow@3.17.2", "scikit_learn@1.9.1", "numpy@-", "pandas@-", "colorama@0.4"])
    }

    @Test("conda.yaml gives its packages and those of pip; what is no such file gives none")
    func conda() {
        let text = "channels: [conda-forge]\ndependencies:\n- python=3.11.7\n- pip<=26\n- pip:\n  - mlflow==3.17.2\n"
        let found = PythonRequirement.parse(conda: text).map { "\($0.name)@\($0.version ?? "-")" }
        #expect(found == ["python@3.11.7", "pip@-", "mlflow@3.17.2"])
        for text in ["", "[", "dependencies: 3", "x: y"] { #expect(PythonRequirement.parse(conda: text).isEmpty) }
    }

    @Test("model, files, card, data sets and libraries are in it; the same version has the same number")
    func document() throws {
        let digest = String(repeating: "ab", count: 32)
        let record = VersionRecord(
            id: ModelVersionID(model: "churn", version: 3), createdAt: Timestamp(milliseconds: 0),
            createdBy: Principal.ID(rawValue: "p"), createdByName: "ada", runID: "r1", loggedModelID: nil,
            source: "runs:/r1/m",
            description: "Who leaves", tags: [:], aliases: [],
            files: [VersionFile(path: "model.onnx", digest: digest, bytes: 9)])
        let run = RunRecord(
            id: "r1", experimentID: "0", name: "r", status: "FINISHED", createdBy: Principal.ID(rawValue: "p"),
            createdByName: "ada", startedAt: Timestamp(milliseconds: 0), endedAt: nil, params: ["depth": "4"],
            tags: ["mlflow.source.git.commit": "c0ffee"],
            metrics: [
                RunRecord.Metric(
                    key: "recall", value: 0.875, timestamp: Timestamp(milliseconds: 0),
                    loggedAt: Timestamp(milliseconds: 0),
                    datasetName: "holdout", datasetDigest: "12ab", modelID: nil)
            ],
            datasets: [
                RunRecord.Dataset(
                    name: "customers", digest: "12ab", sourceType: "local", source: "{}", context: "training")
            ])
        var policy = Policy(model: "churn", owner: "o", purpose: "Who gets a call", task: .binaryClassification)
        policy.knownLimitations = ["Not for new customers"]
        let bom = ModelBOM(
            record: record, run: run, policy: policy,
            requirements: [
                PythonRequirement(name: "scikit_learn", version: "1.9.1"),
                PythonRequirement(name: "scikit_learn", version: "1.9.1"),
            ],
            rootDigest: digest, madeAt: "2026-01-01T00:00:00Z")
        let document = bom.document
        #expect(document["specVersion"] == "1.6" && document["bomFormat"] == "CycloneDX")
        let model = try #require(document["metadata"]?["component"])
        #expect(model["type"] == "machine-learning-model" && model["version"] == "3")
        #expect(
            model["components"]?.arrayValue?.first?["hashes"] == [
                ["alg": "SHA-256", "content": JSONValue.string(digest)]
            ] as JSONValue)
        let card = try #require(model["modelCard"])
        #expect(
            card["quantitativeAnalysis"]?["performanceMetrics"] == [
                ["type": "recall", "value": "0.875", "slice": "holdout"]
            ])
        #expect(card["considerations"]?["technicalLimitations"] == ["Not for new customers"])
        #expect(card["modelParameters"]?["datasets"] == [["ref": "dataset-1"]])
        let components = document["components"]?.arrayValue ?? []
        #expect(components.map { $0["bom-ref"] } == ["dataset-1", "pkg:pypi/scikit-learn@1.9.1"])
        #expect(document["serialNumber"] == "urn:uuid:abababab-abab-8bab-8bab-abababababab")
    }
}
