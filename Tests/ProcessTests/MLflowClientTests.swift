import Testing

@Suite("The official MLflow client")
struct MLflowClientTests {
    @Test("logs, searches, registers, aliases, stores and loads; every answer is checked", .needsPython)
    func workflow() async throws {
        let server = try await MartletProcess.start()
        let result = try await PythonClient.run("mlflow_workflow.py", server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("81 checks passed"))
        await server.stop()
    }

    @Test(
        "gets a version's files as they were registered, whatever becomes of the run; sources, numbers and errors",
        .needsPython)
    func versions() async throws {
        let server = try await MartletProcess.start(arguments: ["--artifact-mebibytes-max", "2"])
        let result = try await PythonClient.run("mlflow_versions.py", server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }

    @Test("finds the calls that only pages and other programs use, the extensions, and webhooks", .needsPython)
    func api() async throws {
        let server = try await MartletProcess.start(arguments: ["--webhook-private-addresses"])
        let result = try await PythonClient.run("mlflow_api.py", server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        #expect(!server.log.contains("geheim"))
        await server.stop()
    }

    @Test("works the same for MLflow 3", .needsPython)
    func clients3() async throws {
        let server = try await MartletProcess.start()
        let result = try await PythonClient.run("mlflow_clients.py", server: server)
        #expect(result.isSuccess && result.standardOutput.contains("MLflow 3."), "\(result) \(server.log)")
        await server.stop()
    }

    @Test("works the same for MLflow 2", .needsOlderMLflow)
    func clients2() async throws {
        let server = try await MartletProcess.start()
        let result = try await PythonClient.run(
            "mlflow_clients.py", server: server, interpreter: BuildProducts.olderMLflow)
        #expect(result.isSuccess && result.standardOutput.contains("MLflow 2."), "\(result) \(server.log)")
        await server.stop()
    }
}
