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
            let whole = try await server.martlet("database", "verify", "--data-dir", data.path)
            #expect(whole.isSuccess, "\(whole)")
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

    /// One of each kind of tracking and governing write: method, path, body.
    private static func writes(run: String) -> [(String, String, String)] {
        let mlflow = "/api/2.0/mlflow/"
        return [
            ("POST", mlflow + "experiments/create", #"{"name": "flushed"}"#),
            ("POST", mlflow + "runs/log-metric", #"{"run_id": "\#(run)", "key": "m", "value": 1, "timestamp": 1}"#),
            ("POST", mlflow + "runs/log-parameter", #"{"run_id": "\#(run)", "key": "p", "value": "1"}"#),
            ("POST", mlflow + "runs/log-batch", #"{"run_id": "\#(run)", "tags": [{"key": "a", "value": "b"}]}"#),
            ("POST", mlflow + "runs/set-tag", #"{"run_id": "\#(run)", "key": "t", "value": "1"}"#),
            ("POST", mlflow + "runs/update", #"{"run_id": "\#(run)", "status": "FINISHED"}"#),
            ("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/\(run)/artifacts/model/MLmodel", "flavors: {}"),
            ("POST", mlflow + "registered-models/create", #"{"name": "flushed"}"#),
            ("POST", mlflow + "registered-models/set-tag", #"{"name": "flushed", "key": "t", "value": "1"}"#),
            ("POST", mlflow + "model-versions/create", #"{"name": "flushed", "source": "runs:/\#(run)/model"}"#),
            ("POST", mlflow + "registered-models/alias", #"{"name": "flushed", "alias": "a", "version": "1"}"#),
            ("DELETE", mlflow + "registered-models/alias", #"{"name": "flushed", "alias": "a"}"#),
            ("POST", "/api/v1/principals", #"{"name": "ada", "roles": ["viewer"]}"#),
            ("POST", "/api/v1/keys", #"{"principal": "ada"}"#),
            (
                "POST", "/api/v1/policies",
                #"{"model": "flushed", "owner": "o", "purpose": "p", "task": "regression"}"#
            ),
            ("DELETE", "/api/v1/principals/ada", ""),
        ]
    }

    @Test("the system-call trace shows a flush before the answer to each kind of tracking and governing write")
    func flushesBeforeAnswering() async throws {
        let trace = try TemporaryDirectory()
        let path = trace.path + "/trace"
        let server = try await MartletProcess.start(
            wrapper: [
                "/usr/bin/strace", "-f", "-qq", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg", "-s", "40",
                "-o", path,
            ])
        let made = try await server.send(
            "POST", "/api/2.0/mlflow/runs/create", body: #"{"experiment_id": "0", "start_time": 1}"#)
        let run = try #require(made.text.firstMatch(of: /"run_id":"([0-9a-f]+)"/)).1
        let writes = Self.writes(run: String(run))
        for (method, path, body) in writes {
            let answer = try await server.send(method, path, body: body)
            #expect((200..<300).contains(answer.status), "\(method) \(path): \(answer.text)")
        }
        await server.stop()
        // What was flushed between one answer and the next; the newest answers are those to the writes above.
        var flushed: [Int] = []
        var flushes = 0
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            if line.contains("fsync(") || line.contains("fdatasync(") {
                flushes += 1
            } else if line.contains("HTTP/1.1 2") {
                flushed.append(flushes)
                flushes = 0
            }
        }
        #expect(flushed.count > writes.count)
        for (write, flushes) in zip(writes, flushed.suffix(writes.count)) {
            #expect(flushes > 0, "\(write.0) \(write.1) was answered without a flush")
        }
    }

    @Test("with a disk that cannot flush, the client gets an error and nothing is claimed")
    func refusesWithoutFlush() async throws {
        let data = try TemporaryDirectory()
        let prepared = try await MartletProcess.start(dataDirectory: data)
        #expect(
            try await prepared.send("POST", "/api/2.0/mlflow/registered-models/create", body: #"{"name": "before"}"#)
                .status == 200)
        await prepared.stop()
        // Flushes of the start succeed; from the thirtieth of a thread on they fail.
        let server = try await MartletProcess.start(
            dataDirectory: data,
            wrapper: [
                "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e",
                "inject=fsync,fdatasync:error=EIO:when=30+",
            ])
        var refused = 0
        var accepted: [String] = []
        for number in 0..<2_000 where refused < 20 {
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

    @Test("with a full disk writes are refused, and what was acknowledged before is there and whole")
    func diskFull() async throws {
        let data = try TemporaryDirectory()
        let kept = try TemporaryDirectory()
        // The file system goes with its namespace: what it holds is copied out when the server has ended.
        let script =
            "mount -t tmpfs -o size=12m none '\(data.path)' && { \"$@\"; cp -a '\(data.path)/.' '\(kept.path)'; }"
        let unshare = ["/usr/bin/unshare", getuid() == 0 ? "-m" : "-rm", "/bin/sh", "-c", script, "sh"]
        let server = try await MartletProcess.start(dataDirectory: data, wrapper: unshare)
        let long = String(repeating: "x", count: 4_000)
        var accepted: [String] = []
        var refused = 0
        for number in 0..<20_000 where refused < 20 {
            let name = "full-\(number)"
            let answer = try await server.send(
                "POST", "/api/2.0/mlflow/registered-models/create",
                body: #"{"name": "\#(name)", "description": "\#(long)"}"#)
            if answer.status == 200 { accepted.append(name) } else { refused += 1 }
            #expect(answer.status == 200 || answer.status >= 500, "\(answer.status) \(answer.text)")
        }
        #expect(refused == 20)
        #expect(accepted.count > 100)
        await server.kill()
        let verified = try await ProgramResult.run(
            BuildProducts.martlet.path, ["database", "verify", "--data-dir", kept.path])
        #expect(verified.isSuccess, "\(verified)")
        let after = try await MartletProcess.start(dataDirectory: kept)
        for name in accepted {
            let found = try await after.send("GET", "/api/2.0/mlflow/registered-models/get?name=\(name)")
            #expect(found.status == 200, "\(name)")
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
