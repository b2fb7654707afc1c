import Foundation
import Testing

@Suite("A registered version is made servable", .needsPython, .needsOnnxRuntime)
struct PreparationTests {
    @Test("scikit-learn models are converted and answer; one that cannot be has a Python worker")
    func convertsSklearn() async throws {
        let server = try await MartletProcess.start(
            arguments: ["--enable-guests", "--python", try #require(BuildProducts.python)])
        let logged = try await PythonClient.run(
            "logs_models.py", ["forest", "boosting", "pipeline", "network", "histogram"], server: server)
        #expect(logged.isSuccess, "\(logged)")
        for model in ["forest", "boosting", "pipeline", "network"] {
            try await server.waitUntilServed(model, version: 1)
        }
        let answer = try await server.send(
            "POST", "/v2/models/pipeline/versions/1/infer",
            body: """
                {"inputs": [
                    {"name": "temperature", "shape": [2, 1], "datatype": "FP32", "data": [70, 50]},
                    {"name": "hours", "shape": [2, 1], "datatype": "FP32", "data": [10, 10]},
                    {"name": "material", "shape": [2, 1], "datatype": "BYTES", "data": ["a", "b"]}]}
                """)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.text.contains(#""data":[1,0]"#), "\(answer.text)")
        try await server.waitUntilServed("histogram", version: 1)
        let metadata = try await server.send("GET", "/v2/models/histogram/versions/1")
        #expect(metadata.text.contains(#""platform":"mlflow_pyfunc""#), "\(metadata.text)")
        await server.stop()
    }

    @Test("what was not converted because guests are off is converted after a restart with them")
    func reconsidersAfterRestart() async throws {
        let first = try await MartletProcess.start()
        #expect(try await PythonClient.run("logs_models.py", ["boosting"], server: first).isSuccess)
        #expect(try await first.send("GET", "/v2/models/boosting/versions/1/ready").status != 200)
        await first.kill()
        let second = try await MartletProcess.start(
            arguments: ["--enable-guests", "--python", try #require(BuildProducts.python)],
            dataDirectory: first.dataDirectory)
        try await second.waitUntilServed("boosting", version: 1)
        await second.stop()
    }
}
