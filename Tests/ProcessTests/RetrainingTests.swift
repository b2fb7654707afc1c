import Foundation
import Testing

@Suite("Retraining by the real server", .needsPython, .needsOnnxRuntime)
struct RetrainingTests {
    private static let command = BuildProducts.repository.appending(
        path: "Tests/ProcessTests/Python/retraining_command.py")

    @Test("a child trains on the labelled rows, registers its version, may do nothing else, and its key ends with it")
    func confinedChild() async throws {
        let server = try await MartletProcess.start(
            authenticated: true,
            arguments: [
                "--enable-guests", "--python", try #require(BuildProducts.python),
                "--guest-paths", Self.command.deletingLastPathComponent().path,
            ], environment: ["SECRET_OF_THE_SERVER": "x"])
        let result = try await PythonClient.run(
            "retraining.py", [Self.command.path], server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        let key = try server.adminKey()
        let listed = try await server.martlet("retrain", "list", key: key)
        #expect(listed.isSuccess && listed.standardOutput.contains("succeeded"), "\(listed)")
        let shown = try await server.martlet("retrain", "show", "1", "--output", "json", key: key)
        #expect(shown.isSuccess && shown.standardOutput.contains("\"log_tail\""), "\(shown)")
        await server.stop()
    }

    @Test("where guests are off, a start by hand is refused and says how to turn them on")
    func guestsOff() async throws {
        let server = try await MartletProcess.start()
        let folder = try TemporaryDirectory()
        let file = folder.url.appending(path: "martlet.yaml")
        try """
        model: wear
        owner: Maintenance
        purpose: Warns before a part fails.
        task: regression
        retraining: {command: [/bin/true]}
        """.write(to: file, atomically: true, encoding: .utf8)
        let applied = try await server.martlet("policy", "apply", file.path)
        #expect(applied.isSuccess, "\(applied)")
        let started = try await server.martlet("retrain", "start", "wear", "--reason", "spring")
        #expect(!started.isSuccess && started.standardError.contains("--enable-guests"), "\(started)")
        await server.stop()
    }
}
