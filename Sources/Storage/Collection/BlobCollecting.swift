public import Domain

/// How blobs that nothing refers to are taken away while uploads go on.
///
/// An upload of content that is there already gives the blob a new modification time, and is referred to at latest a database
/// deadline later. So a blob that is older than the grace period is no fresh upload. It is first set aside in one step, which no
/// reader or writer can see half of; if an upload was quicker, what is aside is young, and goes back. Then the database is asked
/// again, and only then is it removed.
public protocol BlobCollecting: Sendable {
    /// Blobs of every form whose digest begins with two digits, by digest.
    func stored(prefix: String) async throws -> [StoredBlob]

    /// Takes a blob out of sight if it has not changed since `time`.
    ///
    /// - Returns: whether it is aside now.
    func setAside(_ name: BlobName, ifUnchangedSince time: Timestamp) async throws -> Bool

    /// Brings a blob back that was set aside.
    func putBack(_ name: BlobName) async throws

    /// Removes a blob that was set aside.
    func discard(_ name: BlobName) async throws
}

/// One stored object, as a listing has it.
public struct StoredBlob: Sendable {
    public var name: BlobName
    /// As they are stored: of an encrypted blob a little more than it holds.
    public var bytes: Int64
    public var modifiedAt: Timestamp
}
