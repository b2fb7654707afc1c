internal import Dispatch
internal import Foundation
internal import Synchronization

/// Listens to one channel of a PostgreSQL database, on a connection and a thread of its own, and listens again after a loss.
final class PostgreSQLListener: Sendable {
    /// How soon the end of listening is seen.
    static let waitMilliseconds: Int32 = 500

    private let connector: PostgreSQLConnector
    private let channel: String
    private let queue = DispatchQueue(label: "martlet.database.listener")
    private let isStopped = Mutex(false)

    /// - Parameter channel: of a-z, 0-9 and _.
    init(connector: PostgreSQLConnector, channel: String) {
        self.connector = connector
        self.channel = channel
    }

    /// One element for each time that something was said since the last was taken, and one whenever something may have been
    /// missed: at the start and after a loss.
    func notices() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.onTermination = { _ in self.isStopped.withLock { $0 = true } }
            queue.async { self.listen(continuation) }
        }
    }

    private func listen(_ continuation: AsyncStream<Void>.Continuation) {
        while !isStopped.withLock({ $0 }) {
            do {
                let connection = try connector.open(toWrite: false)
                try connection.script("LISTEN \(channel)")
                continuation.yield()
                while !isStopped.withLock({ $0 }) {
                    let said = try connection.notices(milliseconds: Self.waitMilliseconds)
                    if !said.isEmpty { continuation.yield() }
                }
            } catch {
                // The server is away; reads and writes say so to those who ask. Listening begins again when it is back.
                Thread.sleep(forTimeInterval: PostgreSQLLimits.reconnectFirstSeconds)
            }
        }
        continuation.finish()
    }
}
