import Foundation
import TestSupport
import Testing

@Suite(
    "The server on PostgreSQL", .serialized, .needsPython,
    .enabled(if: PostgreSQLCluster.binaries != nil, "PostgreSQL is not installed: run script/bootstrap."))
struct PostgreSQLTests {
    /// Kills; script/soak sets more.
    private static let rounds = Int(ProcessInfo.processInfo.environment["MARTLET_SOAK_ROUNDS"] ?? "") ?? 3
    private static let workers = 3

    private static func start(
        _ cluster: PostgreSQLCluster, authenticated: Bool = false, arguments: [String] = [],
        data: TemporaryDirectory? = nil
    ) async throws -> MartletProcess {
        try await MartletProcess.start(
            authenticated: authenticated, arguments: arguments, environment: ["MARTLET_DATABASE_URL": cluster.url()],
            dataDirectory: data)
    }

    private static func database(_ command: String..., cluster: PostgreSQLCluster, data: TemporaryDirectory)
        async throws
        -> ProgramResult
    {
        try await ProgramResult.run(
            BuildProducts.martlet.path, ["database"] + command + ["--data-dir", data.path],
            environment: ["MARTLET_DATABASE_URL": cluster.url()])
    }

    @Test("the official MLflow client's workflow passes, and the databases are whole after it")
    func workflow() async throws {
        let cluster = try PostgreSQLCluster()
        let data = try TemporaryDirectory()
        let server = try await Self.start(cluster, data: data)
        let result = try await PythonClient.run("mlflow_workflow.py", server: server)
        #expect(result.isSuccess, "\(result) \(server.log)")
        #expect(result.standardOutput.contains("81 checks passed"))
        let status = try await Self.database("status", cluster: cluster, data: data)
        #expect(status.isSuccess, "\(status)")
        #expect(status.standardOutput.contains("PostgreSQL 1"))
        await server.stop()
        let verified = try await Self.database("verify", cluster: cluster, data: data)
        #expect(verified.isSuccess, "\(verified)")
        #expect(!FileManager.default.fileExists(atPath: data.path + "/registry.db"))
        // A row that was changed behind our back is found and named.
        try cluster.run("UPDATE martlet_registry.audit_events SET actor_name = 'mallory' WHERE sequence = 2")
        let tampered = try await Self.database("verify", cluster: cluster, data: data)
        #expect(tampered.ending == .exited(2), "\(tampered)")
        #expect(tampered.standardOutput.contains("event 2"), "\(tampered)")
    }

    @Test(
        "an encrypted server on PostgreSQL keeps nothing in the clear, also what was there before; its backup opens in SQLite"
    )
    func encrypted() async throws {
        let cluster = try PostgreSQLCluster()
        let data = try TemporaryDirectory()
        let plain = try await Self.start(cluster, data: data)
        let path = "/api/2.0/mlflow-artifacts/artifacts/0/a"
        let body = Array(String(repeating: "the patient's age is 47. ", count: 10_000).utf8)
        #expect(try await plain.send("PUT", path, bytes: body).status == 200)
        let hook = #"""
            {"name": "w", "url": "https://example.org/w", "secret": "sesame",
                "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}]}
            """#
        #expect(try await plain.send("POST", "/api/2.0/mlflow/webhooks", body: hook).status == 200)
        await plain.stop()
        let keys = try TemporaryDirectory()
        let file = try MasterKeyFile(keys.url.appending(path: "master.keys"))
        let arguments = ["--encryption-key-file", file.path]
        let server = try await Self.start(cluster, arguments: arguments, data: data)
        let migrated = try await server.martlet("encryption", "migrate", "--output", "json")
        #expect(migrated.isSuccess && migrated.standardOutput.contains(#""blobs" : 1"#), "\(migrated)")
        #expect(try cluster.run("SELECT sealed_secret FROM martlet_registry.webhooks").contains("sealed1:"))
        #expect(try await server.send("GET", path).body == body)
        let backup = keys.path + "/backup.tar"
        #expect(try await server.martlet("backup", backup).isSuccess)
        await server.stop()
        let locked = try await Self.database("verify", cluster: cluster, data: data)
        #expect(locked.ending == .exited(1) && locked.standardError.contains("--encryption-key-file"), "\(locked)")
        let verified = try await ProgramResult.run(
            BuildProducts.martlet.path, ["database", "verify", "--data-dir", data.path] + arguments,
            environment: ["MARTLET_DATABASE_URL": cluster.url()])
        #expect(verified.isSuccess && verified.standardOutput.contains("1 artifacts"), "\(verified)")
        let target = try TemporaryDirectory()
        let restored = try await ProgramResult.run(
            BuildProducts.martlet.path, ["database", "restore", backup, "--data-dir", target.path],
            environment: ["MARTLET_DATABASE_URL": ""])
        #expect(restored.isSuccess, "\(restored)")
        let again = try await MartletProcess.start(
            arguments: arguments, dataDirectory: target)
        #expect(try await again.send("GET", path).body == body)
        await again.stop()
    }

    @Test("a backup of PostgreSQL restores into PostgreSQL and into SQLite, and back", .timeLimit(.minutes(5)))
    func backups() async throws {
        let cluster = try PostgreSQLCluster()
        let folder = try TemporaryDirectory()
        let server = try await Self.start(cluster, authenticated: true)
        let key = try server.adminKey()
        let made = try await server.send(
            "POST", "/api/2.0/mlflow/registered-models/create", body: #"{"name": "kept"}"#, key: key)
        #expect(made.status == 200, "\(made.text)")
        let written = try await server.martlet("backup", folder.path + "/backup-1.tar", key: key)
        #expect(written.isSuccess, "\(written)")
        await server.stop()
        for (step, url) in [(1, ""), (2, cluster.url(database: "second"))] {
            if step == 2 { try cluster.run("CREATE DATABASE second") }
            let target = folder.path + "/restored-\(step)"
            let source = folder.path + "/backup-\(step).tar"
            let restored = try await ProgramResult.run(
                BuildProducts.martlet.path, ["database", "restore", source, "--data-dir", target],
                environment: ["MARTLET_DATABASE_URL": url])
            #expect(restored.isSuccess, "\(restored)")
            let verified = try await ProgramResult.run(
                BuildProducts.martlet.path, ["database", "verify", "--data-dir", target],
                environment: ["MARTLET_DATABASE_URL": url])
            #expect(verified.isSuccess, "\(verified)")
            let again = try await ProgramResult.run(
                BuildProducts.martlet.path,
                ["database", "backup", folder.path + "/backup-\(step + 1).tar", "--data-dir", target],
                environment: ["MARTLET_DATABASE_URL": url])
            #expect(again.isSuccess, "\(again)")
        }
        #expect(try cluster.run("SELECT name FROM martlet_registry.registered_models", database: "second") == "kept")
    }

    @Test(
        "after every kill -9 of the server or of PostgreSQL all that was acknowledged is there, and nothing is damaged")
    func survivesKills() async throws {
        let cluster = try PostgreSQLCluster(isDurable: true)
        let data = try TemporaryDirectory()
        let notes = try TemporaryDirectory()
        var server = try await Self.start(cluster, authenticated: true, data: data)
        let key = try server.adminKey()
        var files: [String] = []
        for round in 0..<max(2, Self.rounds) {
            let paths = (0..<Self.workers).map { notes.path + "/\(round)-\($0)" }
            files += paths
            let running = server
            try await withThrowingTaskGroup { group in
                for (worker, path) in paths.enumerated() {
                    group.addTask {
                        let ended = try await PythonClient.run(
                            "logs_until_killed.py", ["\(worker)", path], server: running, key: key)
                        #expect(ended.isSuccess, "\(ended)")
                    }
                }
                try await Self.wait(for: paths, lines: 50 + round * 7)
                if round.isMultiple(of: 2) { try cluster.kill() } else { await running.kill() }
                try await group.waitForAll()
            }
            if round.isMultiple(of: 2) {
                try cluster.start()
            } else {
                server = try await Self.start(cluster, authenticated: true, data: data)
            }
            try await Self.waitUntilWritable(server, key: key)
            let verified = try await Self.database("verify", cluster: cluster, data: data)
            #expect(verified.isSuccess, "\(verified)")
        }
        let check = try await PythonClient.run("check_acknowledged.py", files, server: server, key: key)
        #expect(check.isSuccess, "\(check)")
        print("kill loop on PostgreSQL: \(check.standardOutput)")
        await server.stop()
    }

    @Test(
        "with PostgreSQL gone predictions are answered, after a restart too, and the rest says 503", .needsOnnxRuntime)
    func servesWithoutDatabase() async throws {
        let cluster = try PostgreSQLCluster()
        let data = try TemporaryDirectory()
        let guests = ["--enable-guests", "--python", try #require(BuildProducts.python)]
        let server = try await Self.start(cluster, authenticated: true, arguments: guests, data: data)
        let key = try server.adminKey()
        let made = try await PythonClient.run("without_database.py", ["make"], server: server, key: key)
        try #require(made.isSuccess, "\(made) \(server.log)")
        try await server.waitUntilServed("steady", version: 1, key: key)
        let first = try await PythonClient.run("without_database.py", ["ask"], server: server, key: key)
        #expect(first.isSuccess, "\(first)")
        try cluster.stop()
        let second = try await PythonClient.run("without_database.py", ["ask"], server: server, key: key)
        #expect(second.isSuccess, "\(second) \(server.log)")
        await server.kill()
        let again = try await Self.start(cluster, authenticated: true, arguments: guests, data: data)
        let third = try await PythonClient.run("without_database.py", ["ask"], server: again, key: key)
        #expect(third.isSuccess, "\(third) \(again.log)")
        #expect(third.standardOutput == first.standardOutput)
        let refused = try await again.send("GET", "/api/2.0/mlflow/registered-models/get?name=steady", key: key)
        #expect(refused.status == 503, "\(refused.text)")
        let stranger = try await again.send("GET", "/v2/models/steady", key: key + "x")
        #expect(stranger.status == 401 || stranger.status == 503, "\(stranger.text)")
        // What is to be encrypted must not be written in the clear meanwhile.
        let keys = try TemporaryDirectory()
        let file = try MasterKeyFile(keys.url.appending(path: "master.keys"))
        await #expect(
            performing: {
                _ = try await Self.start(cluster, arguments: ["--encryption-key-file", file.path])
            }, throws: { "\($0)".contains("data keys of encryption at rest are in the database") })
        try cluster.start()
        try await Self.waitUntilWritable(again, key: key)
        #expect(!again.log.contains("martlet@"))
        await again.stop()
    }

    private static func waitUntilWritable(_ server: MartletProcess, key: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var last = ""
        while ContinuousClock.now < deadline {
            let answer = try await server.send(
                "POST", "/api/2.0/mlflow/runs/create", body: #"{"experiment_id": "0", "start_time": 1}"#, key: key)
            if answer.status == 200 { return }
            last = answer.text
            // The server tries again by itself; only asking tells whether it has.
            try await Task.sleep(for: .milliseconds(100))
        }
        throw MartletProcess.Failure(description: "No write went through within a minute: \(last)\n\(server.log)")
    }

    private static func wait(for paths: [String], lines: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let counts = paths.map { path in
                FileManager.default.contents(atPath: path).map { $0.count(where: { $0 == 10 }) } ?? 0
            }
            if counts.allSatisfy({ $0 >= lines }) { return }
            // The workers are other processes; their files are all there is to look at.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw MartletProcess.Failure(description: "The workers did not write \(lines) lines each within a minute.")
    }
}
