import Foundation
import Testing

@Suite("Artifacts in S3", .needsPython)
struct S3ArtifactTests {
    @Test("come back byte for byte, whole and in ranges, under their digests, through 500s and broken connections")
    func roundTrip() async throws {
        let store = try await S3Server.start()
        let server = try await MartletProcess.start(arguments: store.arguments(), environment: store.environment())
        let result = try await PythonClient.run(
            "s3_artifacts.py", server: server, environment: store.environment(), timeout: .seconds(300))
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("checks passed"))
        await server.stop()
        let secret = try #require(store.environment()["AWS_SECRET_ACCESS_KEY"] ?? nil)
        #expect(!server.log.contains(secret))
    }

    @Test("a wrong secret and a bucket that is not there are refused at the start, with S3's own word")
    func refused() async throws {
        let store = try await S3Server.start()
        await #expect(
            performing: {
                _ = try await MartletProcess.start(
                    arguments: store.arguments(), environment: store.environment(secret: "wrong"))
            }, throws: { "\($0)".contains("SignatureDoesNotMatch") && !"\($0)".contains("wrong\"") })
        let elsewhere = store.arguments().map { $0.replacing("s3://models", with: "s3://nowhere") }
        await #expect(
            performing: {
                _ = try await MartletProcess.start(arguments: elsewhere, environment: store.environment())
            }, throws: { "\($0)".contains("NoSuchBucket") })
    }

    @Test(
        "are reached with a web identity's credentials, which are asked for anew before they end, and with a profile's")
    func credentialSources() async throws {
        let store = try await S3Server.start()
        let folder = try TemporaryDirectory()
        let token = folder.url.appending(path: "token")
        try Data("the token\n".utf8).write(to: token)
        var environment = store.environment()
        environment["AWS_ACCESS_KEY_ID"] = .some(nil)
        environment["AWS_SECRET_ACCESS_KEY"] = .some(nil)
        environment["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/pod"
        environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = token.path
        environment["AWS_ENDPOINT_URL_STS"] = store.url + "/_sts"
        try await storesAndReads(store.arguments(), environment)
        #expect(try await store.count("sts") > 3)
        try Data("another token".utf8).write(to: token)
        await #expect(
            performing: {
                _ = try await MartletProcess.start(arguments: store.arguments(), environment: environment)
            }, throws: { "\($0)".contains("InvalidIdentityToken") && !"\($0)".contains("another token") })

        environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = .some(nil)
        environment["AWS_SHARED_CREDENTIALS_FILE"] = try store.profileFile(folder, name: "work")
        environment["AWS_PROFILE"] = "work"
        try await storesAndReads(store.arguments(), environment)
    }

    private func storesAndReads(_ arguments: [String], _ environment: [String: String?]) async throws {
        let server = try await MartletProcess.start(arguments: arguments, environment: environment)
        let path = "/api/2.0/mlflow-artifacts/artifacts/0/a"
        #expect(try await server.send("PUT", path, bytes: [1, 2, 3]).status == 200)
        #expect(try await server.send("GET", path).body == [1, 2, 3])
        await server.stop()
    }

    @Test("are sent and fetched by MLflow's client at S3 itself where that is on, and through the server where not")
    func presigned() async throws {
        let store = try await S3Server.start()
        let server = try await MartletProcess.start(
            arguments: store.arguments() + ["--presigned-urls"], environment: store.environment())
        let result = try await PythonClient.run(
            "s3_presigned.py", server: server, environment: store.environment(), timeout: .seconds(300))
        #expect(result.isSuccess, "\(result) \(server.log)")
        await server.stop()
        let plain = try await MartletProcess.start()
        #expect(try await plain.send("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/a", body: "{}").status == 501)
        #expect(try await plain.send("GET", "/api/2.0/mlflow-artifacts/presigned/0/a").status == 501)
        await plain.stop()
    }

    @Test(
        "a model is served from its bucket, again after the cache is gone, and from the cache with S3 away",
        .needsOnnxRuntime)
    func served() async throws {
        let store = try await S3Server.start()
        let server = try await MartletProcess.start(arguments: store.arguments(), environment: store.environment())
        let logged = try await PythonClient.run("logs_onnx_model.py", ["doubler"], server: server)
        #expect(logged.isSuccess, "\(logged)")
        try await server.waitUntilServed("doubler", version: 1)
        await server.stop()
        try FileManager.default.removeItem(at: server.dataDirectory.url.appending(path: "cache"))
        let again = try await MartletProcess.start(
            arguments: store.arguments(), environment: store.environment(), dataDirectory: server.dataDirectory)
        try await again.waitUntilServed("doubler", version: 1)
        await again.stop()
        await store.kill()
        let alone = try await MartletProcess.start(
            arguments: store.arguments(), environment: store.environment(), dataDirectory: server.dataDirectory)
        try await alone.waitUntilServed("doubler", version: 1)
        let missing = try await alone.send("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/a", bytes: [1])
        #expect(missing.status == 503)
        await alone.stop()
    }

    @Test("a large file goes both ways in bounded memory")
    func memory() async throws {
        let store = try await S3Server.start()
        let server = try await MartletProcess.start(arguments: store.arguments(), environment: store.environment())
        try await StreamedFile.check(server, store.environment())
        await server.stop()
    }
}

/// A large file through a server, both ways, and how much memory that took.
enum StreamedFile {
    /// Of its own at most. An idle server has some 16 of them; the rest are two parts of an upload to S3, what is on its way, and what
    /// the allocator keeps.
    static let ownMebibytesMax = 64

    /// Of the file: a quarter of a gigabyte in script/test, 5 GiB in script/soak.
    static let mebibytes = Int(ProcessInfo.processInfo.environment["MARTLET_SOAK_MEBIBYTES"] ?? "") ?? 256

    static func check(_ server: MartletProcess, _ environment: [String: String?] = [:]) async throws {
        let result = try await PythonClient.run(
            "streams_large_file.py", ["\(mebibytes)", "\(server.child.identifier)"], server: server,
            environment: environment, timeout: .seconds(3_600))
        #expect(result.isSuccess, "\(result) \(server.log)")
        let own = Int(result.standardOutput.split(separator: " ").first ?? "")
        #expect(try #require(own) < ownMebibytesMax, "\(result)")
    }
}

@Suite("Artifacts in a folder, encrypted or not")
struct FolderArtifactTests {
    @Test("a large file goes both ways in bounded memory, encrypted too", .needsPython)
    func memory() async throws {
        let server = try await MartletProcess.start()
        try await StreamedFile.check(server)
        await server.stop()
        let keys = try TemporaryDirectory()
        let file = try MasterKeyFile(keys.url.appending(path: "master.keys"))
        let sealed = try await MartletProcess.start(arguments: ["--encryption-key-file", file.path])
        try await StreamedFile.check(sealed)
        await sealed.stop()
    }

    @Test("the download of a damaged artifact is cut, never ended cleanly; verify names it and exits with 2")
    func damage() async throws {
        let server = try await MartletProcess.start()
        let bytes = [UInt8](repeating: 0x41, count: 3_000_000)
        #expect(try await server.send("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/a", bytes: bytes).status == 200)
        #expect(try await server.martlet("artifacts", "verify").exitCode == 0)
        let blobs = server.dataDirectory.url.appending(path: "artifacts/blobs")
        let file = try #require(
            FileManager.default.enumerator(atPath: blobs.path)?.compactMap { $0 as? String }.first { $0.count > 64 })
        var damaged = bytes
        damaged[7] = 0x42
        try Data(damaged).write(to: blobs.appending(path: file))
        await #expect(throws: (any Error).self) {
            try await server.send("GET", "/api/2.0/mlflow-artifacts/artifacts/0/a")
        }
        let verified = try await server.martlet("artifacts", "verify", "-o", "json")
        #expect(verified.exitCode == 2 && verified.standardOutput.contains("\"0/a\""), "\(verified)")
        await server.stop()
    }
}

/// A key file of encryption at rest.
struct MasterKeyFile {
    let path: String

    init(_ url: URL, keys: [UInt8] = [1]) throws {
        path = url.path
        let lines = keys.map { Data(repeating: $0, count: 32).base64EncodedString() + "\n" }.joined()
        try Data(lines.utf8).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
}
