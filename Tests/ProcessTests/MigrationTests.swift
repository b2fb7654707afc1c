import Foundation
import Testing

@Suite("Moving from a real MLflow server, and back", .needsPython)
struct MigrationTests {
    @Test("everything of an mlflow server is taken over, compared, and given back", .timeLimit(.minutes(10)))
    func smallServer() async throws {
        let server = try await MartletProcess.start()
        let result = try await PythonClient.run(
            "import_mlflow.py", [BuildProducts.martlet.path], server: server, timeout: .seconds(540))
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }

    @Test("1,000 runs, 50 models and 2 GB of artifacts arrive whole although the import is killed twice", .soak)
    func largeServer() async throws {
        let server = try await MartletProcess.start()
        let result = try await PythonClient.run(
            "import_mlflow.py", [BuildProducts.martlet.path, "1000", "50", "2000", "2"], server: server,
            timeout: .seconds(7_200))
        print(result.standardOutput)
        #expect(result.isSuccess, "\(result) \(server.log)")
        await server.stop()
    }
}

extension Trait where Self == ConditionTrait {
    /// Only in script/soak: it takes many minutes.
    static var soak: Self {
        .enabled(
            if: ProcessInfo.processInfo.environment["MARTLET_SOAK_ROUNDS"] != nil,
            "It takes many minutes: run script/soak.")
    }
}
