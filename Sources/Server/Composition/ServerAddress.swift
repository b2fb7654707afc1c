internal import Synchronization

/// Where children on this machine reach the server; known once it listens.
final class ServerAddress: Sendable {
    private let kept = Mutex<String?>(nil)

    var url: String? { kept.withLock { $0 } }

    func set(url: String) { kept.withLock { $0 = url } }
}
