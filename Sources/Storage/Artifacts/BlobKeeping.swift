public import NIOCore

/// Where stored objects lie: a folder or an S3 bucket. Keepers know bytes and names; digests and encryption are `BlobStore`'s.
public protocol BlobKeeping: Sendable {
    /// The place, for messages: no secrets.
    var place: String { get }

    /// Begins an object whose name is known only at its end, as a digest is.
    ///
    /// - Throws: `unavailable` if the place cannot be written.
    func begin() async throws -> any BlobDraft

    /// Stored bytes of an object; nil if there is none.
    ///
    /// - Throws: `unavailable` if the place cannot be read.
    func bytes(of name: BlobName) async throws -> Int64?

    /// Hands over a range of an object piece by piece; the next piece is read when the last has been taken.
    ///
    /// - Throws: `internal` if there is no such object or it ends before the range does, `unavailable` if the place cannot be
    ///   read, and what `sink` throws.
    func read(_ name: BlobName, range: Range<Int64>, _ sink: (ByteBuffer) async throws -> Void) async throws

    /// Removes an object; nothing if there is none.
    func remove(_ name: BlobName) async throws

    /// Names of one form in ascending order, behind `digest`, at most 1,000.
    func list(_ form: BlobName.Form, after digest: String?) async throws -> [BlobName]

    /// The file of a plain object where it lies on this machine as it is, whether or not it is there; nil elsewhere.
    func localPath(digest: String) -> String?

    /// How blobs that nothing refers to are taken away; nil where that is not safe while uploads go on.
    var collecting: (any BlobCollecting)? { get }

    /// Removes what uploads that broke off have left behind, if it is older than a day.
    ///
    /// - Returns: how many.
    func removeAbandoned() async throws -> Int
}

/// An object being written. Exactly one of `commit` and `abandon` ends it.
public protocol BlobDraft: Sendable {
    func append(_ chunk: ByteBuffer) async throws
    /// Makes the bytes durable under their name. An object that is there already stays as it is.
    func commit(as name: BlobName) async throws
    /// Leaves nothing behind; what cannot be removed now is removed by `removeAbandoned`.
    func abandon() async
}
