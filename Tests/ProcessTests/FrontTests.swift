import Testing

@Suite("The front before the HTTP server", .needsPython)
struct FrontTests {
    @Test("answers as the server behind it does, in order, and leaves all odd requests to it")
    func sameAnswers() async throws {
        let server = try await MartletProcess.start()
        let plain = try await MartletProcess.start(arguments: ["--log-level", "debug"])
        let result = try await PythonClient.run("front.py", [plain.url], server: server)
        #expect(result.isSuccess, "\(result) \(server.log.suffix(2_000))")
        #expect(await server.stop() == .exited(0))
        #expect(await plain.stop() == .exited(0))
    }

    @Test("large bodies that it gathers count against what the server gives to bodies")
    func budget() async throws {
        let server = try await MartletProcess.start(arguments: ["--body-mebibytes-max", "1"])
        let result = try await PythonClient.run("front_bodies.py", server: server)
        #expect(result.isSuccess, "\(result) \(server.log.suffix(2_000))")
        #expect(await server.stop() == .exited(0))
    }
}
