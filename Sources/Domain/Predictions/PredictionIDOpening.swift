/// The port through which other rooms authenticate and read prediction ids; Serving holds the key.
public protocol PredictionIDOpening: Sendable {
    /// What the id says; nil if this server did not seal it.
    func open(_ id: PredictionID) -> PredictionOrigin?
}
