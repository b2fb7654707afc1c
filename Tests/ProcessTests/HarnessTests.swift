import Foundation
import Testing

@Suite("The harness of the process tests")
struct HarnessTests {
    @Test("a server starts on a free port, answers, and ends with 0 on SIGTERM")
    func startsAndStops() async throws {
        let server = try await MartletProcess.start()
        let answer = try await server.send("GET", "/v2/health/live")
        #expect(answer.status == 200)
        #expect(await server.stop() == .exited(0), "\(server.log)")
    }

    @Test("a killed server leaves data that the next one starts on")
    func survivesKill() async throws {
        let first = try await MartletProcess.start()
        await first.kill()
        #expect(first.child.ending == .signalled(SIGKILL))
        let second = try await MartletProcess.start(dataDirectory: first.dataDirectory)
        #expect(try await second.send("GET", "/v2/health/live").status == 200)
        await second.stop()
    }

    @Test("a server that cannot start is an error with its own words")
    func reportsFailure() async throws {
        await #expect(throws: MartletProcess.Failure.self) {
            try await MartletProcess.start(arguments: ["--no-such-option"])
        }
    }

    @Test("a Python script runs with the pinned clients", .needsPython)
    func runsPython() async throws {
        let result = try await PythonClient.run("versions.py")
        #expect(result.isSuccess, "\(result)")
        #expect(result.standardOutput.contains("mlflow 3."))
    }

    @Test("a program that takes too long is killed")
    func killsSlowProgram() async throws {
        let result = try await ProgramResult.run("/bin/sleep", ["60"], timeout: .milliseconds(100))
        #expect(result.ending == .signalled(SIGKILL))
    }
}
