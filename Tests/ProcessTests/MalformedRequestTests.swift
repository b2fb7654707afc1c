import Testing

@Suite("Malformed requests", .needsPython, .needsOnnxRuntime)
struct MalformedRequestTests {
    @Test("more than 200 of them get a 4xx in their protocol's shape, change nothing and cost no memory")
    func refusesMalformed() async throws {
        let server = try await MartletProcess.start(
            arguments: ["--enable-guests", "--python", try #require(BuildProducts.python)])
        #expect(try await PythonClient.run("logs_models.py", ["forest"], server: server).isSuccess)
        try await server.waitUntilServed("forest", version: 1)
        let result = try await PythonClient.run(
            "malformed_requests.py", ["forest", "\(server.child.identifier)"], server: server)
        #expect(result.isSuccess, "\(result)")
        print(result.standardOutput.prefix(200))
        #expect(await server.stop() == .exited(0))
    }
}
