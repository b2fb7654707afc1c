/// The port through which all rooms read the time, so that tests can set it.
public protocol WallClock: Sendable {
    /// The moment now. It may step backwards when the machine's clock is corrected.
    func now() -> Timestamp
}
