/// The port through which ids are made and read: only the holder of the server's key can do either.
public protocol PredictionIDSealing: Sendable {
    /// An id that no other call gives.
    func seal(_ origin: PredictionOrigin) -> PredictionID

    /// What the id says.
    ///
    /// - Throws: `invalidArgument` if it was not made by this server's key.
    func open(_ id: PredictionID) throws(MartletError) -> PredictionOrigin
}
