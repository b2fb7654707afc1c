import Foundation
import Testing

@Suite("What predictions do when something around them fails", .needsPython, .needsOnnxRuntime)
struct DataPlaneFailureTests {
    @Test("with a full disk all are answered but those that must be recorded, and these again when there is room")
    func fullDisk() async throws {
        let data = try TemporaryDirectory()
        // The file system goes with its namespace.
        let script = "mount -t tmpfs -o size=48m none '\(data.path)' && { \"$@\"; }"
        let unshare = ["/usr/bin/unshare", getuid() == 0 ? "-m" : "-rm", "/bin/sh", "-c", script, "sh"]
        let server = try await MartletProcess.start(authenticated: true, dataDirectory: data, wrapper: unshare)
        let key = try String(
            contentsOfFile: "/proc/\(server.child.identifier)/root\(data.path)/admin-key", encoding: .utf8)
        let result = try await PythonClient.run(
            "full_disk.py", [data.path], server: server,
            key: key.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(result.isSuccess, "\(result) \(server.log.suffix(4_000))")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }

    @Test(
        "without ONNX Runtime the server starts, is not ready, and says what is missing to all who ask for predictions")
    func noRuntime() async throws {
        let server = try await MartletProcess.start(environment: ["ONNXRUNTIME_LIB": "/none/libonnxruntime.so"])
        #expect(try await server.send("GET", "/v2/health/live").status == 200)
        #expect(try await server.send("GET", "/v2/health/ready").status == 503)
        #expect(server.log.contains("no predictions can be answered"))
        #expect(try await server.send("GET", "/api/2.0/mlflow/experiments/get?experiment_id=0").status == 200)
        await server.stop()
    }
}
