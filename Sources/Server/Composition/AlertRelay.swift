internal import Domain
internal import Synchronization

/// Hands alerts on to a part that is made after monitoring is.
final class AlertRelay: AlertListener {
    private let listener = Mutex<(any AlertListener)?>(nil)

    func attach(_ listener: any AlertListener) { self.listener.withLock { $0 = listener } }

    func alertChanged(_ alert: Alert) async { await listener.withLock { $0 }?.alertChanged(alert) }
}
