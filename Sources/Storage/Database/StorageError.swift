public import Domain

/// What the database said. Never holds bound values.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// A UNIQUE or PRIMARY KEY constraint.
        case uniqueViolation
        /// Any other constraint.
        case constraintViolation
        /// Locked by another process for longer than the deadline.
        case busy
        /// The database's server cannot be reached, or was lost before the commit: nothing of the write is there.
        case unavailable
        /// The server was lost at the commit and could not be asked what became of it.
        case outcomeUnknown
        /// The database took longer than it may.
        case timeout
        /// The disk failed or is full: nothing of the write is durable.
        case disk
        /// Text that no database of ours keeps: it holds the character NUL.
        case illegalText
        /// A statement or value larger than the database takes.
        case limit
        /// A row does not have the shape that the code expects.
        case decoding
        case other
    }

    public var kind: Kind
    public var message: String
    /// The statement, without its values.
    public var sql: String?

    public init(_ kind: Kind, _ message: String, sql: String? = nil) {
        self.kind = kind
        self.message = message
        self.sql = sql
    }

    static let illegalText = StorageError(.illegalText, "A text value holds NUL.")

    public var description: String { sql.map { "\(message) [\($0)]" } ?? message }

    /// As callers outside Storage see it. Stores turn the violations that they expect into better words first.
    public var asMartletError: MartletError {
        switch kind {
        case .uniqueViolation: MartletError(.alreadyExists, "That name or id is taken.", cause: self)
        case .constraintViolation:
            MartletError(.failedPrecondition, "The change breaks a rule of the database.", cause: self)
        case .busy: MartletError(.unavailable, "The database is busy. Try again.", cause: self)
        case .unavailable:
            MartletError(
                .unavailable, "The database cannot be reached now, so nothing was changed. Try again.", cause: self)
        case .outcomeUnknown:
            MartletError(
                .unavailable,
                "The database was lost while the write was made durable. It may be there or not: look before you try again.",
                cause: self)
        case .timeout: MartletError(.deadlineExceeded, "The database took too long and was told to stop.", cause: self)
        case .disk:
            MartletError(
                .unavailable, "The database could not make the write durable, so nothing was changed. Check the disk.",
                cause: self)
        case .illegalText: MartletError(.invalidArgument, "Text may not hold the character NUL.", cause: self)
        case .limit:
            MartletError(
                .invalidArgument, "The request is larger or more complex than the database takes.", cause: self)
        case .decoding, .other: MartletError(.internal, "The database answered with an error.", cause: self)
        }
    }
}
