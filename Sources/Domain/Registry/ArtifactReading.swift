/// Reading whole, small files of versions and runs, for the rooms that parse them (never for streaming to clients).
public protocol ArtifactReading: Sendable {
    /// Bytes of one file of a version, its digest checked.
    ///
    /// - Throws: `notFound`, or `payloadTooLarge` above `bytesMax`.
    func read(_ path: String, of version: ModelVersionID, bytesMax: Int) async throws -> [UInt8]
    /// Bytes of one artifact of a run.
    ///
    /// - Throws: `notFound`, or `payloadTooLarge` above `bytesMax`.
    func read(_ path: String, ofRun runID: String, bytesMax: Int) async throws -> [UInt8]
    /// Relative paths of all artifacts of a run, ascending.
    ///
    /// - Throws: `notFound`, or `failedPrecondition` for a run with more than 100,000.
    func list(run runID: String) async throws -> [String]
    /// The path on this machine of one file of a version, for loading by a runtime; the digest checked now.
    func localPath(_ path: String, of version: ModelVersionID) async throws -> String
}
