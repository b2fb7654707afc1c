internal import Synchronization

/// Counts what an upload has sent, and shows it.
final class SentBytes: Sendable {
    private let state = Mutex((bar: ProgressBar(), sent: Int64(0)))

    func add(_ bytes: Int64, of total: Int64) {
        state.withLock { state in
            state.sent += bytes
            state.bar.show(
                total > 0 ? Double(state.sent) / Double(total) : nil,
                "sent \(ProgressBar.bytes(state.sent)) of \(ProgressBar.bytes(total))")
        }
    }

    func finish() {
        state.withLock { state in state.bar.finish("sent \(ProgressBar.bytes(state.sent))") }
    }
}
