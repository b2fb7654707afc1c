import Foundation
import Testing

@Suite("Models that a Python worker serves", .needsPython, .needsOnnxRuntime)
struct PythonWorkerTests {
    private func start(
        authenticated: Bool = false, _ data: TemporaryDirectory? = nil
    ) async throws -> MartletProcess {
        try await MartletProcess.start(
            authenticated: authenticated,
            arguments: [
                "--enable-guests", "--python", try #require(BuildProducts.python), "--prediction-seconds", "5",
                "--python-workers", "6",
            ], dataDirectory: data)
    }

    @Test("they answer as MLflow itself does, by every way in; what they do wrong harms nobody else")
    func clients() async throws {
        let server = try await start()
        let result = try await PythonClient.run(
            "python_worker.py", ["\(server.child.identifier)"], server: server, timeout: .seconds(420))
        #expect(result.isSuccess, "\(result)\n\(server.log)")
        await server.stop()
    }

    @Test("behind an endpoint they are recorded, replayed and stood in for as any model")
    func governed() async throws {
        let server = try await start(authenticated: true)
        let result = try await PythonClient.run(
            "python_worker_governed.py", ["\(server.child.identifier)"], server: server, key: try server.adminKey())
        #expect(result.isSuccess, "\(result)\n\(server.log)")
        await server.stop()
    }

    @Test("workers end with the server, also when it is killed; after a restart the version is served again")
    func endsWithServer() async throws {
        let first = try await start()
        let logged = try await PythonClient.run("logs_models.py", ["histogram"], server: first)
        #expect(logged.isSuccess, "\(logged)")
        try await first.waitUntilServed("histogram", version: 1)
        let workers = try self.workers(of: first)
        #expect(!workers.isEmpty)
        await first.kill()
        try await waitUntilGone(workers)
        let second = try await start(first.dataDirectory)
        try await second.waitUntilServed("histogram", version: 1)
        let later = try self.workers(of: second)
        #expect(!later.isEmpty)
        #expect(await second.stop() == .exited(0))
        try await waitUntilGone(later)
        let off = try await MartletProcess.start(dataDirectory: first.dataDirectory)
        let ready = try await off.send("GET", "/v2/models/histogram/versions/1/ready")
        #expect(ready.status == 503 && ready.text.contains("--enable-guests"), "\(ready.text)")
        await off.stop()
    }

    /// The server's descendants that run the worker's program.
    private func workers(of server: MartletProcess) throws -> Set<Int32> {
        var parents: [Int32: Int32] = [:]
        for pid in try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap({ Int32($0) }) {
            guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { continue }
            let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
            parents[pid] = fields.count > 1 ? Int32(fields[1]) : nil
        }
        func isBelow(_ pid: Int32) -> Bool {
            guard let parent = parents[pid] else { return false }
            return parent == server.child.identifier || isBelow(parent)
        }
        return Set(parents.keys.filter { isBelow($0) && isWorker($0) })
    }

    private func isWorker(_ pid: Int32) -> Bool {
        let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        return String(decoding: words, as: UTF8.self).contains("serve_pyfunc.py")
    }

    private func waitUntilGone(_ workers: Set<Int32>) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        // The kernel takes a moment; there is nobody to ask but /proc.
        while workers.contains(where: isWorker), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(!workers.contains(where: isWorker))
    }
}
