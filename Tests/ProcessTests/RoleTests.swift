import Foundation
import Testing

@Suite("The two planes as two processes", .needsPython, .needsOnnxRuntime)
struct RoleTests {
    @Test("one registers, the other answers; each says of the other's paths whom to ask; one outlives the other")
    func twoProcesses() async throws {
        let data = try TemporaryDirectory()
        let control = try await MartletProcess.start(
            arguments: ["--role", "control", "--enable-guests", "--python", try #require(BuildProducts.python)],
            dataDirectory: data)
        let inference = try await MartletProcess.start(arguments: ["--role", "inference"], dataDirectory: data)
        do {
            _ = try await MartletProcess.start(arguments: ["--role", "inference"], dataDirectory: data)
            Issue.record("a second inference process started")
        } catch {
            #expect("\(error)".contains(inference.url))
        }
        #expect(try await PythonClient.run("logs_models.py", ["boosting"], server: control).isSuccess)
        try await inference.waitUntilServed("boosting", version: 1)
        let path = "/v2/models/boosting/versions/1"
        let asked = try await control.send("GET", path)
        #expect(asked.status == 503 && asked.text.contains("--role inference"), "\(asked.text)")
        let logged = try await inference.send("GET", "/api/2.0/mlflow/experiments/search?max_results=1")
        #expect(logged.status == 503 && logged.text.contains("error_code"), "\(logged.text)")
        await control.kill()
        #expect(try await inference.send("GET", path).status == 200)
        #expect(try await inference.send("GET", "/v2/health/ready").status == 200)
        #expect(await inference.stop() == .exited(0))
    }
}
