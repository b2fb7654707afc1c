internal import Domain
internal import Glibc
internal import Synchronization

/// A confined child process that serves one model over a socket. It ends with this value, and with the server.
final class WorkerProcess: Sendable {
    enum Answer {
        case tensors([Tensor])
        case failure(WorkerMessage.Failure)
    }

    /// As serve_pyfunc.py ends where it has run into its limit of memory.
    private static let memoryExitCode: Int32 = 77
    /// What of its first words is kept.
    private static let wordsBytesMax = 2000
    private static let endingMillisecondsMax = 1000
    private static let moment = Duration.seconds(1)

    let identifier: pid_t
    private let guest: StagedGuest
    private let memoryBytesMax: Int
    private let socket: WorkerSocket
    private let lifeline: Descriptor
    private let output: Descriptor
    /// What `waitpid` said; nil while it runs.
    private let status = Mutex<Int32?>(nil)
    private let isBeyondMemory = Mutex(false)

    private init(_ spawned: consuming SpawnedWorker, _ guest: StagedGuest, memoryBytesMax: Int) {
        identifier = spawned.identifier
        socket = WorkerSocket(spawned.socket)
        lifeline = spawned.lifeline
        output = spawned.output
        self.guest = guest
        self.memoryBytesMax = memoryBytesMax
        WorkerMemoryWatch.shared.add(self)
    }

    deinit {
        WorkerMemoryWatch.shared.remove(ObjectIdentifier(self))
        end()
    }

    /// Starts a worker and waits for what it says of its model. The guest's folder goes with it.
    ///
    /// - Throws: `failedPrecondition`, saying why it has not started.
    static func start(
        _ guest: StagedGuest, memoryBytesMax: Int, seconds: Double
    ) throws(MartletError) -> (WorkerProcess, WorkerMessage.Hello) {
        let worker: WorkerProcess
        do throws(MartletError) {
            worker = WorkerProcess(try SpawnedWorker(guest), guest, memoryBytesMax: memoryBytesMax)
        } catch {
            guest.remove()
            throw error
        }
        var words = OutputTail(bytesMax: wordsBytesMax)
        let message: WorkerMessage
        do throws(WorkerLoss) {
            message = try worker.firstMessage(&words, until: .now + .seconds(seconds))
        } catch {
            throw worker.startFailure(error, words, seconds)
        }
        if let failure = message.failure { throw MartletError.precondition(failure.message) }
        guard let hello = message.hello else {
            throw worker.startFailure(.garbled("nothing of itself"), words, seconds)
        }
        return (worker, hello)
    }

    private func firstMessage(
        _ words: inout OutputTail, until deadline: ContinuousClock.Instant
    ) throws(WorkerLoss) -> WorkerMessage {
        let patience = patience(until: deadline)
        try listen(&words, patience)
        return try WorkerMessage.decode(try socket.receive(patience).head)
    }

    /// Drains what it prints until it speaks.
    private func listen(_ words: inout OutputTail, _ patience: WorkerSocket.Patience) throws(WorkerLoss) {
        var isOpen = true
        while true {
            var entries = [
                pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen ? output.number : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard patience.deadline > .now else { throw .late }
            let ready = poll(&entries, 2, Int32(WorkerSocket.lookMilliseconds))
            if entries[1].revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = read(output.number, &buffer, buffer.count)
                isOpen = count > 0
                if count > 0 { buffer[..<count].withUnsafeBytes { words.append($0) } }
            } else if entries[0].revents != 0 {
                return
            }
            if ready == 0 { try patience.look() }
        }
    }

    private func startFailure(_ loss: WorkerLoss, _ words: OutputTail, _ seconds: Double) -> MartletError {
        let reason = self.reason(loss, seconds: Int(seconds))
        let said = words.text.split(separator: "\n").last.map { ". \($0)" } ?? ""
        return MartletError.precondition("Its Python worker did not start: it \(reason)\(said)")
    }

    /// Whether it waits for a request.
    var isWaiting: Bool { reap(WNOHANG) == nil && !socket.isStirring }

    var processorSeconds: Double { ProcessTree.processorSeconds(of: identifier) }

    /// Answers one request. After a loss the worker is good for nothing more.
    ///
    /// - Parameters:
    ///   - seconds: that it may take at most.
    ///   - isStopped: whether nobody waits for the answer any more. What ends in a moment ends by itself all the same, so that callers
    ///     with little time do not cost a model its worker.
    func ask(
        _ inputs: [Tensor], _ specs: [TensorSpec], outputs: [TensorSpec], seconds: Double,
        isStopped: @escaping () -> Bool
    ) throws(WorkerLoss) -> Answer {
        let begun = ContinuousClock.now
        let patience = patience(until: begun + .seconds(seconds)) {
            isStopped() && .now - begun > Self.moment
        }
        let request = try WorkerMessage.request(specs, inputs)
        try socket.send(head: request.head, body: request.body, patience)
        let (head, body) = try socket.receive(patience)
        let message = try WorkerMessage.decode(head)
        if let failure = message.failure { return .failure(failure) }
        return .tensors(try message.answer(outputs, body))
    }

    private func patience(
        until deadline: ContinuousClock.Instant, unless isStopped: @escaping () -> Bool = { false }
    ) -> WorkerSocket.Patience {
        WorkerSocket.Patience(deadline: deadline) { [identifier, memoryBytesMax] () throws(WorkerLoss) in
            guard !isStopped() else { throw .stopped }
            guard ProcessTree.residentBytes(of: identifier) <= memoryBytesMax else { throw .memoryExceeded }
        }
    }

    // MARK: its end

    /// Ends it, waits until it is gone and removes its folder. From any thread; twice is the same as once.
    func end() {
        // A process that was waited for may have given its number to another.
        status.withLock { if $0 == nil { _ = kill(-identifier, SIGKILL) } }
        _ = reap(0)
    }

    /// Kills it where its processes have more memory than they may. Whoever asks next finds it gone.
    func endIfBeyond(_ bytes: Int) {
        guard bytes > memoryBytesMax else { return }
        isBeyondMemory.withLock { $0 = true }
        status.withLock { if $0 == nil { _ = kill(-identifier, SIGKILL) } }
    }

    /// What `waitpid` says, after which the folder is gone; nil if it still runs.
    private func reap(_ options: Int32) -> Int32? {
        let (status, isFirst) = status.withLock { known -> (Int32?, Bool) in
            if let known { return (known, false) }
            var status: Int32 = 0
            while true {
                let result = waitpid(identifier, &status, options)
                if result == 0 { return (nil, false) }
                if result == identifier || errno != EINTR { break }
            }
            known = status
            // What it has started, where there is no namespace that ends with it.
            _ = kill(-identifier, SIGKILL)
            return (status, true)
        }
        if isFirst { guest.remove() }
        return status
    }

    /// Why it is lost, to follow on “it”, and the end of it.
    func reason(_ loss: WorkerLoss, seconds: Int) -> String {
        defer { end() }
        return switch loss {
        case .late: "was not ready within \(seconds) s"
        case .stopped: "was ended, for nobody waits for its answer any more"
        case .memoryExceeded: memoryReason
        case .garbled(let what): "said \(what)"
        case .gone: ending()
        }
    }

    /// How it ended, where it ends by itself.
    private func ending() -> String {
        var status = reap(WNOHANG)
        for _ in 0..<(Self.endingMillisecondsMax / 10) where status == nil {
            usleep(10_000)
            status = reap(WNOHANG)
        }
        if isBeyondMemory.withLock({ $0 }) { return memoryReason }
        guard let status else { return "closed its socket" }
        // As WIFEXITED and WEXITSTATUS have it; the launch script passes a signal on as 128 + its number.
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        return switch code {
        case Self.memoryExitCode: memoryReason
        case 129...192: "was ended by signal \(code - 128)"
        default: "exited with \(code)"
        }
    }

    private var memoryReason: String { "went past its \(memoryBytesMax >> 20) MiB of memory (python-worker-mebibytes)" }
}
