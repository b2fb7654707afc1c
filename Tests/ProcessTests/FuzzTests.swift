import Foundation
import Testing

@Suite("Mutated requests", .needsPython, .needsOnnxRuntime)
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// How many; `script/soak` sends a million.
    private static let count = Int(environment["MARTLET_SOAK_REQUESTS"] ?? "") ?? 3_000
    private static let seed = Int(environment["MARTLET_SOAK_SEED"] ?? "") ?? 1
    /// A sanitizer reserves more addresses than the trial of a registered model may have.
    private static let isSanitized = environment["MARTLET_SOAK_SANITIZER"] != nil

    @Test("over HTTP and gRPC, in bodies, messages, heads and frames: none fails the server, hangs or keeps memory")
    func mutated() async throws {
        let models = try TemporaryDirectory()
        let server = try await MartletProcess.start(
            arguments: Self.isSanitized ? ["--model-repository", models.path] : [],
            // What was freed is kept for a while, to be watched, and is no growth.
            environment: ["ASAN_OPTIONS": "quarantine_size_mb=16"])
        let result = try await PythonClient.run(
            "fuzz_inference.py",
            ["\(server.child.identifier)", "\(Self.count)", "\(Self.seed)"] + (Self.isSanitized ? [models.path] : []),
            server: server, timeout: .seconds(240 + Self.count / 200))
        #expect(result.isSuccess, "\(result) \(server.log.suffix(4_000))")
        print(result.standardOutput.suffix(700))
        #expect(await server.stop() == .exited(0), "\(server.log.suffix(4_000))")
    }
}
