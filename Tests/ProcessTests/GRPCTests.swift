import Foundation
import Testing

/// The Open Inference Protocol over gRPC, as its real clients speak it, and as nobody should.
@Suite("gRPC", .needsPython, .needsOnnxRuntime)
struct GRPCTests {
    @Test(
        "the official Triton client is answered as over HTTP: every datatype, large messages, streams, health, reflection, refusals"
    )
    func tritonClient() async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let result = try await PythonClient.run("grpc_client.py", server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        #expect(await server.stop() == .exited(0), "\(server.log)")
    }

    @Test("KServe's client is answered by the champion", .needsKServe)
    func kserveClient() async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let key = try server.adminKey()
        let made = try await PythonClient.run("grpc_champion.py", server: server, key: key)
        #expect(made.isSuccess, "\(made) \(server.log)")
        let result = try await PythonClient.run(
            "grpc_kserve.py", server: server, key: key, interpreter: BuildProducts.kserve)
        #expect(result.isSuccess, "\(result) \(server.log)")
        await server.stop()
    }

    @Test(
        "frames and messages that no client sends, clients that vanish, and those that take or send nothing do no harm")
    func frames() async throws {
        let server = try await MartletProcess.start(arguments: ["--idle-seconds", "2"])
        let result = try await PythonClient.run(
            "grpc_frames.py", ["\(server.child.identifier)"], server: server, timeout: .seconds(240))
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(await server.stop() == .exited(0), "\(server.log)")
    }

    @Test("SIGTERM: calls that were begun are answered, streams and watches are told, and the server ends well")
    func drains() async throws {
        let notes = try TemporaryDirectory()
        let server = try await MartletProcess.start()
        async let calls = PythonClient.run("grpc_drain.py", [notes.path + "/begun"], server: server)
        let deadline = ContinuousClock.now + .seconds(60)
        while !FileManager.default.fileExists(atPath: notes.path + "/begun"), ContinuousClock.now < deadline {
            // The calls come from another process; its file is all there is to look at.
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await server.stop() == .exited(0), "\(server.log)")
        let result = try await calls
        #expect(result.isSuccess, "\(result) \(server.log)")
    }

    @Test("it can be turned off, and the control plane alone does not serve it")
    func off() async throws {
        for words in [["--grpc-port", "none"], ["--role", "control"]] {
            let server = try await MartletProcess.start(arguments: words)
            #expect(server.grpcAddress == nil, "\(words): \(server.child.standardOutput)")
            await server.stop()
        }
    }
}
