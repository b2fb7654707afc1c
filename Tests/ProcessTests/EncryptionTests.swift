import Foundation
import Testing

@Suite("A server that encrypts at rest")
struct EncryptionTests {
    private let path = "/api/2.0/mlflow-artifacts/artifacts/0/a"
    private let body = Array(String(repeating: "the patient's age is 47. ", count: 10_000).utf8)

    /// Whether a text lies anywhere in a data directory.
    private func holds(_ directory: TemporaryDirectory, _ text: String) throws -> Bool {
        let files = FileManager.default.enumerator(atPath: directory.path)?.compactMap { $0 as? String } ?? []
        return try files.contains { name in
            let url = directory.url.appending(path: name)
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return false }
            return try Data(contentsOf: url).range(of: Data(text.utf8)) != nil
        }
    }

    @Test(
        "encrypts what was there before, rotates, and gives all of it back from a backup; without the key it refuses to start"
    )
    func wholeLife() async throws {
        let plain = try await MartletProcess.start()
        #expect(try await plain.send("PUT", path, bytes: body).status == 200)
        await plain.stop()
        #expect(try holds(plain.dataDirectory, "the patient's age"))

        let folder = try TemporaryDirectory()
        let keys = folder.url.appending(path: "master.keys")
        let arguments = ["--encryption-key-file", try MasterKeyFile(keys).path]
        let server = try await MartletProcess.start(arguments: arguments, dataDirectory: plain.dataDirectory)
        #expect(try await server.send("GET", path).body == body)
        let migrated = try await server.martlet("encryption", "migrate")
        #expect(migrated.exitCode == 0 && migrated.standardOutput.contains("1 artifacts"), "\(migrated)")
        #expect(try !holds(server.dataDirectory, "the patient's age"))
        _ = try MasterKeyFile(keys, keys: [2, 1])
        let rotated = try await server.martlet("encryption", "rotate")
        #expect(rotated.exitCode == 0 && rotated.standardOutput.contains("1 data keys were wrapped anew"), "\(rotated)")
        _ = try MasterKeyFile(keys, keys: [2])
        #expect(try await server.martlet("encryption", "status").exitCode == 0)
        #expect(try await server.send("GET", path).body == body)
        let file = folder.url.appending(path: "backup.tar").path
        #expect(try await server.martlet("backup", file).exitCode == 0)
        await server.stop()

        let restored = try TemporaryDirectory()
        let unpacked = try await server.martlet("restore", file, "--data-dir", restored.path)
        #expect(unpacked.exitCode == 0, "\(unpacked)")
        let again = try await MartletProcess.start(arguments: arguments, dataDirectory: restored)
        #expect(try await again.send("GET", path).body == body)
        #expect(try await again.martlet("artifacts", "verify").exitCode == 0)
        await again.stop()

        await #expect(
            performing: { _ = try await MartletProcess.start(dataDirectory: restored) },
            throws: { "\($0)".contains("--encryption-key-file") })
        _ = try MasterKeyFile(keys, keys: [3])
        await #expect(
            performing: { _ = try await MartletProcess.start(arguments: arguments, dataDirectory: restored) },
            throws: { "\($0)".contains("is not in") })
    }
}
