import Foundation
import Testing

@Suite("SIGTERM drains", .needsPython)
struct DrainTests {
    @Test("requests that were begun before the signal are answered in full and kept, and the server ends well")
    func finishesWhatItAccepted() async throws {
        let notes = try TemporaryDirectory()
        let server = try await MartletProcess.start()
        let begun = notes.path + "/begun"
        let data = server.dataDirectory
        async let requests = PythonClient.run("slow_requests.py", [begun], server: server)
        let deadline = ContinuousClock.now + .seconds(30)
        while !FileManager.default.fileExists(atPath: begun), ContinuousClock.now < deadline {
            // The requests come from another process; its file is all there is to look at.
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await server.stop() == .exited(0))
        let result = try await requests
        #expect(result.isSuccess, "\(result) \(server.log)")
        let again = try await MartletProcess.start(dataDirectory: data)
        for number in 0..<8 {
            let kept = try await again.send("GET", "/api/2.0/mlflow-artifacts/artifacts/0/drain/\(number).bin")
            #expect(kept.status == 200 && kept.body.count == 30 * 4096, "\(number): \(kept.status)")
        }
        await again.stop()
    }
}
