import Foundation
import Testing

@Suite("The Open Inference Protocol over HTTP", .needsPython, .needsOnnxRuntime)
struct OpenInferenceTests {
    @Test("Triton's client gets ONNX Runtime's answers for every datatype, raw and JSON, compressed or not")
    func triton() async throws {
        try await passes("open_inference.py")
    }

    @Test("what official clients do not send is answered or refused by rule, by every way in")
    func bytes() async throws {
        try await passes("open_inference_raw.py")
    }

    @Test("KServe's client gets the same answers by both protocols", .needsKServe)
    func kserve() async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let key = try server.adminKey()
        let files = ["rows.npy", "labels.npy"].map { server.dataDirectory.url.appending(path: $0).path }
        let made = try await PythonClient.run("serves_forest.py", files, server: server, key: key)
        #expect(made.isSuccess, "\(made) \(server.log)")
        let result = try await PythonClient.run(
            "kserve_client.py", files, server: server, key: key, interpreter: BuildProducts.kserve)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }

    @Test("every way in is split, recorded, traced and replayed alike")
    func endpoint() async throws {
        let server = try await MartletProcess.start(
            authenticated: true, arguments: ["--enable-guests", "--python", try #require(BuildProducts.python)])
        let key = try server.adminKey()
        let made = try await PythonClient.run("rollout_for_kills.py", server: server, key: key)
        try #require(made.isSuccess, "\(made) \(server.log)")
        let result = try await PythonClient.run("open_inference_endpoint.py", server: server, key: key)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }

    private func passes(_ script: String) async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let result = try await PythonClient.run(script, server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }
}
