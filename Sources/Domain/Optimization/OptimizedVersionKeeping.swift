/// The port through which an optimised model becomes a version.
public protocol OptimizedVersionKeeping: Sendable {
    /// Makes a run with the files and figures and registers them as the next version of the source's model, all of it or nothing.
    ///
    /// Whoever has work in the source version is an author of the new one, too.
    /// - Throws: `notFound` if the source is gone.
    func register(_ draft: OptimizedVersionDraft, by actor: Principal) async throws -> ModelVersionID
    /// What was done to make a version; nil for one that was not made so.
    func record(of id: ModelVersionID) async throws -> OptimizationRecord?
}

/// An optimised version before it has a number.
public struct OptimizedVersionDraft: Sendable {
    public var source: ModelVersionID
    public var record: OptimizationRecord
    /// Path within the version, and content.
    public var files: [(path: String, bytes: [UInt8])]
    /// Path of the reference rows among the artifacts of the source's run; nil where there are none.
    public var referencePath: String?

    public init(
        source: ModelVersionID, record: OptimizationRecord, files: [(path: String, bytes: [UInt8])],
        referencePath: String?
    ) {
        self.source = source
        self.record = record
        self.files = files
        self.referencePath = referencePath
    }
}
