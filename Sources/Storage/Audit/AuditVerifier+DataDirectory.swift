internal import Domain
internal import Foundation

extension AuditVerifier {
    /// Verifies the chain in a server's own folder, which is only read: the events and checkpoints of the database against the
    /// key and the checkpoints that are kept beside it. The end of the chain may be younger than the last checkpoint.
    ///
    /// - Throws: `notFound` if the folder holds no database or no key.
    public static func verify(dataDirectory: String) async throws -> Verdict {
        let database = try Database(readingOnly: dataDirectory + "/registry.db")
        let verdict = try await verify(dataDirectory: dataDirectory, registry: database)
        try await database.close()
        return verdict
    }

    /// Verifies the chain in a database against the key and the checkpoints of the server's folder.
    ///
    /// - Throws: `notFound` if the folder holds no key.
    public static func verify(dataDirectory: String, registry database: Database) async throws -> Verdict {
        let keyFile = dataDirectory + "/keys/audit.pub"
        guard let key = FileManager.default.contents(atPath: keyFile) else {
            throw MartletError.notFound("\(keyFile) cannot be read.")
        }
        let kept = try CheckpointFile(path: dataDirectory + "/keys/audit.checkpoints").read()
        let store = AuditStore(database: database)
        let last = try await store.last()?.sequence ?? 0
        let publicKey = String(decoding: key, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        var verifier = AuditVerifier(publicKey: publicKey, through: last, kept: kept)
        for checkpoint in kept where !AuditSigner.isGenuine(checkpoint) || checkpoint.publicKey != publicKey {
            return .broken(
                sequence: checkpoint.sequence, reason: "a checkpoint kept in keys/audit.checkpoints is forged")
        }
        return try await verifier.takeAll(of: store, through: last) ?? verifier.finish(coveringEnd: false)
    }

    private mutating func takeAll(of store: AuditStore, through last: Int64) async throws -> Verdict? {
        var after: Int64 = 0
        while after < last {
            let events = try await store.events(after: after, through: last)
            guard let end = events.last?.sequence else { return nil }
            let checkpoints = try await store.checkpoints(after: after, through: end)
            var next = checkpoints.startIndex
            for event in events {
                if let broken = take(event) { return broken }
                while next < checkpoints.endIndex, checkpoints[next].sequence <= event.sequence {
                    if let broken = take(checkpoints[next]) { return broken }
                    next += 1
                }
            }
            after = end
        }
        if let beyond = try await store.checkpoints(after: last, through: .max, limit: 1).first {
            return .broken(
                sequence: last + 1,
                reason: "it is missing; a checkpoint signs event \(beyond.sequence): the end was cut")
        }
        return nil
    }
}
