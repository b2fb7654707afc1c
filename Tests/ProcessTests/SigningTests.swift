import Foundation
import Testing

@Suite("Signatures and bills of materials of versions", .needsPython)
struct SigningTests {
    @Test(
        "model_signing verifies ours and we verify its, and one flipped byte fails both ways; the bill is valid CycloneDX 1.6"
    )
    func bothWays() async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let key = try server.adminKey()
        let folder = try TemporaryDirectory()
        let result = try await PythonClient.run(
            "model_signatures.py", [folder.path, BuildProducts.martlet.path, server.dataDirectory.path], server: server,
            key: key, timeout: .seconds(300))
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
    }

    @Test(
        "where the policy requires signatures nothing unsigned is prepared, and only the keys that it names count",
        .needsOnnxRuntime)
    func required() async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let key = try server.adminKey()
        let result = try await PythonClient.run(
            "signing_required.py", [BuildProducts.martlet.path], server: server, key: key, timeout: .seconds(300))
        #expect(result.isSuccess, "\(result) \(server.log)")
        await server.stop()
    }
}
