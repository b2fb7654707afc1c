public import Domain
internal import Glibc
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// Runs guests in confined child processes.
///
/// As root each guest has a user of its own; else a user namespace. In both cases: own process, mount, IPC and (unless allowed)
/// network namespaces where the machine permits, no new privileges, no capabilities, a scrubbed environment, limits on
/// memory, processor time, processes and files, a private working folder, and the end of all its processes at the time limit.
public actor ConfinedGuestRunner: GuestRunner {
    /// How often memory is looked at.
    static let memoryInterval: Duration = .milliseconds(100)

    public nonisolated var runsOthersCode: Bool { configuration.runsOthersCode }

    nonisolated let configuration: GuestConfiguration
    nonisolated let userIDs = GuestUserIDs()
    private var confinement: Confinement?
    private var running = 0

    public init(configuration: GuestConfiguration) {
        self.configuration = configuration
    }

    public func run(_ command: GuestCommand) async throws -> GuestResult {
        let confinement =
            command.code == .others ? try await confinementForOthersCode() : await confinementOfMachine()
        guard running < configuration.guestsMax else {
            throw MartletError(.resourceExhausted, "\(running) guests run already; that is the limit. Try again later.")
        }
        running += 1
        defer { running -= 1 }
        let guest = try StagedGuest(command, confinement: confinement, configuration, userIDs)
        defer { guest.remove() }
        var result = try await Self.execute(guest, command)
        result.confinement = confinement.sentence(userID: guest.userID, network: command.mayUseNetwork)
        for output in command.outputs { result.outputs[output.name] = guest.folder.read(output) }
        return result
    }

    /// - Throws: `failedPrecondition` where the configuration forbids others' code or the machine cannot confine it.
    func confinementForOthersCode() async throws(MartletError) -> Confinement {
        guard configuration.runsOthersCode else {
            throw MartletError.precondition(
                "Running others' code is off on this server; `martlet serve --enable-guests` turns it on.")
        }
        let confinement = await confinementOfMachine()
        guard confinement.sufficesForOthersCode else {
            throw MartletError.precondition(
                "This machine gives a guest neither a user of its own nor a user namespace in which all but its own folder is read-only: run the server as root, or permit user namespaces."
            )
        }
        return confinement
    }

    private func confinementOfMachine() async -> Confinement {
        if let confinement { return confinement }
        let found = await Confinement.probe()
        confinement = found
        return found
    }

    private static func execute(_ guest: StagedGuest, _ command: GuestCommand) async throws -> GuestResult {
        let words = guest.words
        var options = PlatformOptions()
        // A session of its own: a signal to its group reaches no one else.
        options.createSession = true
        let clock = ContinuousClock()
        let start = clock.now
        let watch = Watch()
        do {
            let result = try await Subprocess.run(
                .name(words[0]), arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(
                    Dictionary(uniqueKeysWithValues: guest.environment.map { (Environment.Key(stringLiteral: $0), $1) })
                ),
                workingDirectory: FilePath(guest.folder.path), platformOptions: options, input: .none,
                output: .sequence,
                error: .sequence
            ) { execution in
                try await withThrowingTaskGroup(of: (Int, String).self) { group in
                    group.addTask { (1, try await tail(of: execution.standardOutput, command.limits.outputBytesMax)) }
                    group.addTask { (2, try await tail(of: execution.standardError, command.limits.outputBytesMax)) }
                    group.addTask {
                        let breach = await watch.breach(of: execution.processIdentifier.value, limits: command.limits)
                        // Already gone is as good as killed.
                        if breach { try? execution.send(signal: .kill, toProcessGroup: true) }
                        return (0, "")
                    }
                    var texts = ["", "", ""]
                    var streams = 2
                    while streams > 0, let (index, text) = try await group.next() {
                        texts[index] = text
                        if index > 0 { streams -= 1 }
                    }
                    group.cancelAll()
                    return (texts[1], texts[2])
                }
            }
            return GuestResult(
                ending: watch.ending ?? ending(result.terminationStatus), standardOutput: result.closureResult.0,
                standardError: result.closureResult.1, outputs: [:], wallSeconds: (clock.now - start) / .seconds(1),
                memoryBytesPeak: watch.peak, confinement: "")
        } catch let error as SubprocessError {
            throw MartletError(.internal, "A guest could not be started: \(words[0]).", cause: error)
        }
    }

    private static func tail(of sequence: SubprocessOutputSequence, _ bytesMax: Int) async throws -> String {
        var tail = OutputTail(bytesMax: bytesMax)
        for try await buffer in sequence { buffer.withUnsafeBytes { tail.append($0) } }
        return tail.text
    }

    /// The launch script passes a signal on as 128 + its number.
    private static func ending(_ status: TerminationStatus) -> GuestResult.Ending {
        switch status {
        case .exited(let code) where code > 128 && code < 128 + 65: .signalled(Int(code) - 128)
        case .exited(let code): .exited(Int(code))
        case .signaled(let signal): .signalled(Int(signal))
        }
    }
}

/// Looks at a guest's time and memory while it runs.
private final class Watch: Sendable {
    private let state = Mutex<(ending: GuestResult.Ending?, peak: Int)>((nil, 0))

    var ending: GuestResult.Ending? { state.withLock { $0.ending } }
    var peak: Int { state.withLock { $0.peak } }

    /// Returns true as soon as a limit is broken, false when cancelled.
    func breach(of process: pid_t, limits: GuestLimits) async -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(limits.wallSeconds)
        while true {
            let next = min(clock.now + ConfinedGuestRunner.memoryInterval, deadline)
            do { try await Task.sleep(until: next, clock: clock) } catch { return false }
            let resident = ProcessTree.residentBytes(of: process)
            let ending: GuestResult.Ending? =
                clock.now >= deadline ? .timedOut : resident > limits.memoryBytesMax ? .memoryExceeded : nil
            state.withLock { state in
                state.peak = max(state.peak, resident)
                state.ending = ending
            }
            if ending != nil { return true }
        }
    }
}
