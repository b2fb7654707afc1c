import Foundation
import Testing

@Suite("Mutated requests", .needsPython, .needsOnnxRuntime)
struct FuzzTests {
    /// How many; `script/soak` sends a million.
    private static let count = Int(ProcessInfo.processInfo.environment["MARTLET_SOAK_REQUESTS"] ?? "") ?? 3_000
    private static let seed = Int(ProcessInfo.processInfo.environment["MARTLET_SOAK_SEED"] ?? "") ?? 1

    @Test("over HTTP and gRPC, in bodies, messages, heads and frames: none fails the server, hangs or keeps memory")
    func mutated() async throws {
        let server = try await MartletProcess.start()
        let result = try await PythonClient.run(
            "fuzz_inference.py", ["\(server.child.identifier)", "\(Self.count)", "\(Self.seed)"], server: server,
            timeout: .seconds(240 + Self.count / 200))
        #expect(result.isSuccess, "\(result)")
        print(result.standardOutput.suffix(700))
        #expect(await server.stop() == .exited(0))
    }
}
