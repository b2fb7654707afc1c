import Foundation
import Testing

@Suite("An acknowledged write is durable", .needsPython, .serialized)
struct DurabilityTests {
    /// Kills; script/soak sets more.
    private static let rounds = Int(ProcessInfo.processInfo.environment["MARTLET_SOAK_ROUNDS"] ?? "") ?? 3
    private static let workers = 3

    @Test(
        "after every kill -9 under logging, feedback and a rollout all that was acknowledged is there, and the rollout goes on",
        .needsOnnxRuntime)
    func survivesKills() async throws {
        let notes = try TemporaryDirectory()
        let data = try TemporaryDirectory()
        let first = try await MartletProcess.start(
            authenticated: true, arguments: ["--enable-guests", "--python", try #require(BuildProducts.python)],
            dataDirectory: data)
        let key = try first.adminKey()
        let made = try await PythonClient.run("rollout_for_kills.py", server: first, key: key)
        try #require(made.isSuccess, "\(made) \(first.log)")
        // The MLflow client says things of its own before.
        let rollout = String(try #require(made.standardOutput.split(separator: "\n").last))
        await first.stop()
        var files: [String] = []
        for round in 0..<Self.rounds {
            let server = try await MartletProcess.start(authenticated: true, dataDirectory: data)
            let paths = (0...Self.workers).map { notes.path + "/\(round)-\($0)" }
            files += paths
            try await withThrowingTaskGroup { group in
                for (worker, path) in paths.enumerated() {
                    let words =
                        worker == 0
                        ? ("predicts_until_killed.py", [rollout, path])
                        : ("logs_until_killed.py", ["\(worker)", path])
                    group.addTask {
                        let ended = try await PythonClient.run(words.0, words.1, server: server, key: key)
                        #expect(ended.isSuccess, "\(ended)")
                    }
                }
                // Each logger has written a good deal, and is in the middle of more; so is the one that predicts.
                try await Self.wait(for: Array(paths.dropFirst()), lines: 50 + round * 7)
                await server.kill()
                try await group.waitForAll()
            }
            let audit = try await server.martlet("audit", "verify", "--data-dir", data.path)
            #expect(audit.isSuccess, "\(audit)")
        }
        let server = try await MartletProcess.start(authenticated: true, dataDirectory: data)
        let check = try await PythonClient.run("check_acknowledged.py", files, server: server, key: key)
        #expect(check.isSuccess, "\(check)")
        print("kill loop: \(Self.rounds) kills, \(check.standardOutput)")
        let last = notes.path + "/last"
        let finished = try await PythonClient.run(
            "predicts_until_killed.py", [rollout, last], server: server, key: key)
        #expect(finished.isSuccess, "\(finished)")
        let after = try await server.send("GET", "/api/v1/rollouts/\(rollout)", key: key)
        #expect(after.text.contains(#""state":"promoted""#), "\(after.text)")
        await server.stop()
    }

    @Test("the system-call trace shows a flush before the answer to each write")
    func flushesBeforeAnswering() async throws {
        let trace = try TemporaryDirectory()
        let path = trace.path + "/trace"
        let server = try await MartletProcess.start(
            wrapper: [
                "/usr/bin/strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg", "-s", "400",
                "-o", path,
            ])
        let writes = 10
        for number in 0..<writes {
            let answer = try await server.send(
                "POST", "/api/2.0/mlflow/registered-models/create", body: #"{"name": "flushed-\#(number)"}"#)
            #expect(answer.status == 200, "\(answer.text)")
        }
        await server.stop()
        var flushes = 0
        var answered = 0
        var unflushed = 0
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            if line.contains("fsync(") || line.contains("fdatasync(") {
                flushes += 1
            } else if line.contains("flushed-"), line.contains("HTTP/1.1 200") || line.contains("registered_model") {
                answered += 1
                if flushes == 0 { unflushed += 1 }
                flushes = 0
            }
        }
        #expect(answered >= writes)
        #expect(unflushed == 0)
    }

    @Test("with a disk that cannot flush, the client gets an error and nothing is claimed")
    func refusesWithoutFlush() async throws {
        let data = try TemporaryDirectory()
        let prepared = try await MartletProcess.start(dataDirectory: data)
        #expect(
            try await prepared.send("POST", "/api/2.0/mlflow/registered-models/create", body: #"{"name": "before"}"#)
                .status == 200)
        await prepared.stop()
        // Flushes of the start succeed; from the given one on they fail.
        let server = try await MartletProcess.start(
            dataDirectory: data,
            wrapper: [
                "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e",
                "inject=fsync,fdatasync:error=EIO:when=40+",
            ])
        var refused = 0
        var accepted: [String] = []
        for number in 0..<80 {
            let answer = try await server.send(
                "POST", "/api/2.0/mlflow/registered-models/create", body: #"{"name": "failing-\#(number)"}"#)
            if answer.status == 200 { accepted.append("failing-\(number)") } else { refused += 1 }
            #expect(answer.status == 200 || answer.status >= 500, "\(answer.status) \(answer.text)")
        }
        #expect(refused > 0)
        await server.kill()
        let after = try await MartletProcess.start(dataDirectory: data)
        for name in accepted + ["before"] {
            #expect(
                try await after.send("GET", "/api/2.0/mlflow/registered-models/get?name=\(name)").status == 200,
                "\(name)")
        }
        await after.stop()
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
