import Testing

@Suite("The official Triton client", .needsPython, .needsOnnxRuntime)
struct TritonClientTests {
    @Test("asks for health and metadata, predicts with JSON tensors, and is told clearly what is wrong")
    func workflow() async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let result = try await PythonClient.run("triton_client.py", server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }
}
