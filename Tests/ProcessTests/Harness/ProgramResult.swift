import Foundation

/// What came of a program that ran to its end.
struct ProgramResult: Sendable, CustomStringConvertible {
    var ending: ChildProcess.Ending
    var standardOutput: String
    var standardError: String

    var isSuccess: Bool { ending == .exited(0) }
    /// -1 if a signal ended it.
    var exitCode: Int32 {
        if case .exited(let code) = ending { code } else { -1 }
    }
    var description: String { "\(ending)\n--- stdout\n\(standardOutput)\n--- stderr\n\(standardError)" }

    /// Runs a program and waits for its end; kills it after `timeout`, which shows as `.signalled(SIGKILL)`.
    ///
    /// - Throws: if there is no such program.
    static func run(
        _ executable: String, _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil,
        timeout: Duration = .seconds(60)
    ) async throws -> ProgramResult {
        let child = try ChildProcess(executable, arguments, environment: environment, directory: directory)
        let watchdog = Task {
            try await Task.sleep(for: timeout)
            child.signal(SIGKILL)
        }
        let ending = await child.ended()
        watchdog.cancel()
        return ProgramResult(
            ending: ending, standardOutput: child.standardOutput, standardError: child.standardError)
    }
}
