import Foundation
import Testing

@Suite("Governance of the real server", .needsPython, .needsOnnxRuntime)
struct GovernanceTests {
    @Test("policy, readiness, four eyes, rollout and alias: every refusal refuses, and the good way leads through")
    func governedRelease() async throws {
        let server = try await MartletProcess.start(
            authenticated: true, arguments: ["--enable-guests", "--python", try #require(BuildProducts.python)])
        let result = try await PythonClient.run("governed_release.py", server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }
}
