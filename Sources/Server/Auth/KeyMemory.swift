internal import Domain
internal import Foundation
internal import Logging
internal import Storage
internal import Synchronization

/// Keys that the database has proven, kept in a file, so that predictions are answered while the database cannot be asked, after a
/// restart too. Whatever needs the database fails without it all the same.
///
/// A key is kept by its SHA-256, as the database keeps it. A key that is revoked while this process cannot reach the database is
/// believed until it can, and for `believedSeconds` at most.
final class KeyMemory: Sendable {
    /// Keys kept at most; the one proven longest ago gives way.
    static let entriesMax = 1_000
    /// A day: long enough for an outage, short enough for a key that nobody uses any more.
    static let believedSeconds = 86_400.0
    /// A proof is written again when the one on file is older than this, an hour, so that a busy key costs no disk.
    static let rewriteSeconds = 3_600.0

    struct Entry: Codable, Sendable {
        var principal: Principal
        var expiresAt: Timestamp?
        var provenAt: Timestamp
    }

    private let path: String
    private let logger: Logger
    private let entries: Mutex<[String: Entry]>

    /// - Parameter path: the file; none, or one that cannot be read, begins empty.
    init(path: String, logger: Logger) {
        self.path = path
        self.logger = logger
        var kept: [String: Entry] = [:]
        do {
            if let bytes = try SecretFile(path: path).read() {
                kept = try JSONDecoder().decode([String: Entry].self, from: Data(bytes))
            }
        } catch {
            logger.warning("the keys proven before cannot be read", metadata: ["path": "\(path)", "error": "\(error)"])
        }
        entries = Mutex(kept)
    }

    /// The holder of a key that was proven lately.
    func entry(_ digest: String, at now: Timestamp) -> Entry? {
        entries.withLock { $0[digest] }.flatMap { entry in
            let age = now.seconds(since: entry.provenAt)
            guard age >= 0, age < Self.believedSeconds, entry.expiresAt.map({ $0 > now }) ?? true else { return nil }
            return entry
        }
    }

    func keep(_ digest: String, _ principal: Principal, expiresAt: Timestamp?, at now: Timestamp) {
        entries.withLock { entries in
            if let known = entries[digest], known.principal == principal, known.expiresAt == expiresAt,
                now.seconds(since: known.provenAt) < Self.rewriteSeconds
            {
                return
            }
            entries[digest] = Entry(principal: principal, expiresAt: expiresAt, provenAt: now)
            if entries.count > Self.entriesMax,
                let oldest = entries.min(by: { $0.value.provenAt < $1.value.provenAt })
            {
                entries[oldest.key] = nil
            }
            write(entries)
        }
    }

    /// The database does not know the key, or not any more.
    func forget(_ digest: String) {
        entries.withLock { entries in
            if entries.removeValue(forKey: digest) != nil { write(entries) }
        }
    }

    func forgetAll() {
        entries.withLock { entries in
            guard !entries.isEmpty else { return }
            entries.removeAll()
            write(entries)
        }
    }

    /// Replaces the file as a whole. A failure costs an outage's answers, not this one's.
    private func write(_ entries: [String: Entry]) {
        do {
            let draft = "\(path).\(getpid()).new"
            // Of a process that was killed at this point.
            unlink(draft)
            try SecretFile(path: draft).create([UInt8](try JSONEncoder().encode(entries)))
            guard rename(draft, path) == 0 else { throw MartletError(.unavailable, String(cString: strerror(errno))) }
        } catch {
            logger.warning("the proven keys cannot be kept", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}
