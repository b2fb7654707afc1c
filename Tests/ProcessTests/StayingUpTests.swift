import Foundation
import Testing

@Suite("What keeps a prediction service up", .needsPython, .needsOnnxRuntime)
struct StayingUpTests {
    @Test("validation, fallback, output bounds, circuit breaker and limits, as real clients meet them by every way in")
    func clients() async throws {
        let server = try await MartletProcess.start(authenticated: true, arguments: ["--prediction-seconds", "1"])
        let result = try await PythonClient.run("staying_up.py", server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }
}
