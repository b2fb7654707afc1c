import Foundation
import Testing

/// `martlet serve --model-repository`: a folder of models, without a registry and without a database.
@Suite("A model repository without a registry", .needsPython, .needsOnnxRuntime)
struct ModelRepositoryTests {
    /// The folder of models and, beside it, `alone`.
    private let folder: TemporaryDirectory
    private var models: String { folder.path + "/models" }

    init() async throws {
        folder = try TemporaryDirectory()
        let made = try await PythonClient.run("model_repository_files.py", [folder.path + "/models"])
        #expect(made.isSuccess, "\(made)")
    }

    @Test("Triton's client is answered over HTTP, loads and unloads; a bad version takes no traffic from a good one")
    func http() async throws {
        let server = try await start()
        let result = try await PythonClient.run(
            "model_repository.py", [models], server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        #expect(server.log.contains("7:1: optimization is ignored."), "\(server.log)")
        #expect(await server.stop() == .exited(0), "\(server.log)")
        let kept = try FileManager.default.contentsOfDirectory(atPath: server.dataDirectory.path)
        #expect(kept == ["admin-key"], "what a server without a registry keeps")
    }

    @Test("Triton's client is answered over gRPC alike")
    func grpc() async throws {
        let server = try await start()
        let result = try await PythonClient.run(
            "model_repository_grpc.py", [models], server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        #expect(await server.stop() == .exited(0), "\(server.log)")
    }

    @Test("one model as KServe lays it down is served to KServe's client, by keys from a file", .needsKServe)
    func kserve() async throws {
        let (key, path) = (String(repeating: "k", count: 40), folder.path + "/keys")
        try "serving viewer \(key)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let server = try await MartletProcess.start(
            authenticated: true,
            arguments: ["--model-repository", folder.path + "/alone", "--model-name", "wine", "--key-file", path])
        try await waitUntilReady(server)
        let result = try await PythonClient.run(
            "model_repository_kserve.py", server: server, key: key, interpreter: BuildProducts.kserve)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        #expect(await server.stop() == .exited(0), "\(server.log)")
        let kept = try FileManager.default.contentsOfDirectory(atPath: server.dataDirectory.path)
        #expect(kept.isEmpty, "a server with a file of keys keeps nothing")
    }

    @Test("an unloaded model gives its memory back, each time")
    func memory() async throws {
        let server = try await start()
        let result = try await PythonClient.run(
            "model_repository_memory.py", [models, "\(server.child.identifier)", "20"], server: server,
            key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(await server.stop() == .exited(0), "\(server.log)")
    }

    @Test("more models than the memory may hold are served, and read again when they are called")
    func recall() async throws {
        let server = try await start(["--model-mebibytes-max", "6"], authenticated: false)
        let result = try await PythonClient.run("model_repository_recall.py", [models], server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        #expect(await server.stop() == .exited(0), "\(server.log)")
    }

    @Test("with polling, what changes on disk is served without a call")
    func polls() async throws {
        let server = try await start(["--repository-poll-seconds", "1"], authenticated: false)
        let new = URL(filePath: models + "/added")
        try FileManager.default.copyItem(at: URL(filePath: models + "/both"), to: new)
        try FileManager.default.removeItem(at: new.appending(path: "config.pbtxt"))
        try await waitUntil(server, "/v2/models/added/versions/2/ready", is: 200)
        try FileManager.default.removeItem(at: new)
        try await waitUntil(server, "/v2/models/added/versions/2/ready", is: 404)
        #expect(await server.stop() == .exited(0), "\(server.log)")
    }

    @Test(
        "what cannot be served is said before the server listens",
        arguments: [
            (["--model-repository", "/nowhere"], "There is no folder /nowhere"),
            (["--model-repository", "ALONE"], "--model-name"),
            (["--model-repository", "MODELS", "--role", "control"], "role is of a server with a registry"),
            (["--model-repository", "MODELS", "--key-file", "/nowhere"], "cannot be read"),
            (["--model-name", "m"], "model-name needs model-repository"),
        ])
    func refuses(_ words: [String], _ sentence: String) async throws {
        let arguments = words.map {
            $0.replacing("MODELS", with: models).replacing("ALONE", with: folder.path + "/alone")
        }
        let result = try await ProgramResult.run(
            BuildProducts.martlet.path,
            ["serve", "--port", "0", "--grpc-port", "0", "--data-dir", folder.path + "/data"] + arguments)
        #expect(!result.isSuccess && result.standardError.contains(sentence), "\(result)")
    }

    private func start(_ arguments: [String] = [], authenticated: Bool = true) async throws -> MartletProcess {
        let server = try await MartletProcess.start(
            authenticated: authenticated, arguments: ["--model-repository", models] + arguments)
        try await waitUntilReady(server)
        return server
    }

    private func waitUntilReady(_ server: MartletProcess) async throws {
        try await waitUntil(server, "/v2/health/ready", is: 200)
    }

    private func waitUntil(_ server: MartletProcess, _ path: String, is status: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try await server.send("GET", path).status == status { return }
            // Loading has no event for a client; its outcome is asked for.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw MartletProcess.Failure(description: "\(path) was not \(status) in time\n\(server.log)")
    }
}
