import Foundation
import Testing

/// What callers and models may take of the server, shown on the real binary.
@Suite("Limits of the real server", .needsPython)
struct LimitsTests {
    @Test("models that never end are stopped, and hold up neither health checks nor other models", .needsOnnxRuntime)
    func endlessModels() async throws {
        let server = try await MartletProcess.start(arguments: ["--prediction-seconds", "3"])
        let result = try await PythonClient.run("endless_models.py", ["run"], server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        // SIGTERM while runs that never end are under way.
        async let hanging = PythonClient.run("endless_models.py", ["hang"], server: server)
        try await Task.sleep(for: .seconds(2))
        let start = ContinuousClock.now
        #expect(await server.stop() == .exited(0), "\(server.log)")
        #expect(ContinuousClock.now - start < .seconds(20))
        let last = try await hanging
        #expect(last.isSuccess, "\(last)")
    }

    @Test("a body that comes too slowly is cut off, with and without a key; one at a modem's speed is not")
    func slowBodies() async throws {
        let server = try await MartletProcess.start(authenticated: true, arguments: ["--idle-seconds", "2"])
        let result = try await PythonClient.run("slow_bodies.py", server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        await server.stop()
    }

    @Test("what keeps a server from starting is said in a sentence that names the setting")
    func startFailures() async throws {
        let server = try await MartletProcess.start()
        let folder = try TemporaryDirectory()
        let file = folder.url.appending(path: "file")
        try "no PEM".write(to: file, atomically: true, encoding: .utf8)
        let port = try #require(server.url.split(separator: ":").last.map(String.init))
        let cases: [([String], String)] = [
            (["--port", port], "Port \(port) of 127.0.0.1 is in use"),
            (["--grpc-port", port], "or give another --grpc-port"),
            (["--tls-certificate", file.path, "--tls-key", file.path], "does not hold PEM certificates"),
            (["--tls-certificate", "/none", "--tls-key", file.path], "/none of --tls-certificate cannot be read"),
            (["--data-dir", file.path + "/x"], "The data directory \(file.path)/x"),
            (["--data-dir", file.path], "The data directory \(file.path)"),
        ]
        for (words, sentence) in cases {
            let data = words.first == "--data-dir" ? [] : ["--data-dir", folder.path + "/data"]
            let result = try await ProgramResult.run(
                BuildProducts.martlet.path, ["serve", "--dev", "--port", "0", "--grpc-port", "none"] + data + words,
                environment: [:],
                timeout: .seconds(30))
            #expect(!result.isSuccess && result.standardError.contains(sentence), "\(words): \(result)")
            #expect(!result.standardError.contains("Domain="), "\(result)")
        }
        await server.stop()
    }
}
