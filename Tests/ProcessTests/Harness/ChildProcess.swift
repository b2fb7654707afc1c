import Foundation
import Synchronization

/// A child whose output goes to two files, so that it can neither block on a full pipe nor lose its last words.
final class ChildProcess: Sendable {
    /// How a child ended.
    enum Ending: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    let identifier: pid_t
    private let state = EndingBox()
    private let files: TemporaryDirectory
    /// Kept alive for its termination handler.
    private let process: Process

    /// Starts `executable`. Its environment is this process's own with `environment` on top; a nil value removes a name.
    ///
    /// - Throws: if there is no such program.
    init(
        _ executable: String, _ arguments: [String], environment: [String: String?] = [:], directory: String? = nil
    ) throws {
        files = try TemporaryDirectory()
        process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        var merged = ProcessInfo.processInfo.environment
        for (name, value) in environment { merged[name] = value }
        process.environment = merged
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.newFile(files.url.appending(path: "stdout"))
        process.standardError = try Self.newFile(files.url.appending(path: "stderr"))
        process.terminationHandler = { [state] process in
            let ending: Ending =
                process.terminationReason == .uncaughtSignal
                ? .signalled(process.terminationStatus) : .exited(process.terminationStatus)
            state.end(ending)
        }
        try process.run()
        identifier = process.processIdentifier
    }

    deinit {
        if state.ending == nil { kill(identifier, SIGKILL) }
    }

    /// Waits until the child has ended.
    func ended() async -> Ending { await state.wait() }

    /// How it ended; nil while it runs.
    var ending: Ending? { state.ending }

    /// Sends a signal; nothing if it has ended already.
    func signal(_ number: Int32) {
        if state.ending == nil { kill(identifier, number) }
    }

    /// What it has written to standard output so far.
    var standardOutput: String { read("stdout") }
    /// What it has written to standard error so far.
    var standardError: String { read("stderr") }

    private func read(_ name: String) -> String {
        // The file is there from before the start; unreadable counts as empty.
        let data = (try? Data(contentsOf: files.url.appending(path: name))) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }

    private static func newFile(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }
}

/// Holds the ending of a child and those who wait for it.
private final class EndingBox: Sendable {
    private struct State {
        var ending: ChildProcess.Ending?
        var waiters: [CheckedContinuation<ChildProcess.Ending, Never>] = []
    }
    private let state = Mutex(State())

    var ending: ChildProcess.Ending? { state.withLock { $0.ending } }

    func end(_ ending: ChildProcess.Ending) {
        let waiters = state.withLock { state in
            state.ending = ending
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: ending) }
    }

    func wait() async -> ChildProcess.Ending {
        await withCheckedContinuation { continuation in
            let ending = state.withLock { state in
                if state.ending == nil { state.waiters.append(continuation) }
                return state.ending
            }
            if let ending { continuation.resume(returning: ending) }
        }
    }
}
