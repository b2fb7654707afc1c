internal import Domain
internal import Foundation

/// Recomputes an exported audit chain, link by link, and names the first one that is broken. Needs no server.
public struct AuditVerifier: Sendable {
    public enum Verdict: Sendable, Hashable {
        case whole(events: Int64, checkpoints: Int)
        /// The sequence of the first broken link, and why.
        case broken(sequence: Int64, reason: String)
    }

    /// The key that checkpoints must be signed with; nil takes the export's own, which proves less.
    private let pinnedKey: String?
    private var previousHash = AuditEvent.genesisHash
    private var sequence: Int64 = 0
    private var checkpoints = 0
    private var lastSigned: Int64 = 0
    private var publicKey: String?
    private var through: Int64?

    public init(publicKey: String? = nil) { pinnedKey = publicKey }

    /// Verifies a whole export.
    ///
    /// - Throws: `invalidArgument` if the text is no export.
    public static func verify(_ lines: some Sequence<Substring>, publicKey: String? = nil) throws -> Verdict {
        var verifier = AuditVerifier(publicKey: publicKey)
        for line in lines where !line.isEmpty {
            if let broken = try verifier.take(line) { return broken }
        }
        return try verifier.finish()
    }

    private mutating func take(_ line: Substring) throws -> Verdict? {
        struct Line: Decodable {
            var martlet_audit: Int?
            var public_key: String?
            var through: Int64?
            var event: AuditEvent?
            var checkpoint: AuditCheckpoint?
        }
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) else {
            return .broken(sequence: sequence + 1, reason: "the line cannot be read")
        }
        if line.martlet_audit != nil {
            publicKey = line.public_key
            through = line.through
            if let pinnedKey, line.public_key != pinnedKey {
                return .broken(sequence: 1, reason: "the export names another public key than the one given")
            }
            return nil
        }
        guard publicKey != nil else {
            throw MartletError.invalid("The file is no audit export: its header is missing.")
        }
        if let event = line.event { return take(event) }
        if let checkpoint = line.checkpoint { return take(checkpoint) }
        return .broken(sequence: sequence + 1, reason: "the line is neither an event nor a checkpoint")
    }

    private mutating func take(_ event: AuditEvent) -> Verdict? {
        guard event.sequence == sequence + 1 else {
            return .broken(sequence: sequence + 1, reason: "it is missing; event \(event.sequence) stands in its place")
        }
        guard event.previousHash == previousHash else {
            return .broken(sequence: event.sequence, reason: "it does not follow the event before it")
        }
        guard AuditHash.hash(of: event) == event.hash else {
            return .broken(sequence: event.sequence, reason: "its contents do not match its hash")
        }
        sequence = event.sequence
        previousHash = event.hash
        return nil
    }

    private mutating func take(_ checkpoint: AuditCheckpoint) -> Verdict? {
        let broken = { (reason: String) in Verdict.broken(sequence: checkpoint.sequence, reason: reason) }
        guard checkpoint.sequence == sequence, checkpoint.hash == previousHash else {
            return broken("its checkpoint was signed over another event")
        }
        guard checkpoint.publicKey == publicKey else { return broken("its checkpoint was signed with another key") }
        guard AuditSigner.isGenuine(checkpoint) else { return broken("the signature of its checkpoint is forged") }
        checkpoints += 1
        lastSigned = checkpoint.sequence
        return nil
    }

    private func finish() throws -> Verdict {
        guard let through else { throw MartletError.invalid("The file is no audit export: its header is missing.") }
        guard sequence >= through else {
            return .broken(sequence: sequence + 1, reason: "it is missing; the export says that it goes to \(through)")
        }
        guard lastSigned == sequence else {
            return .broken(sequence: sequence, reason: "no signed checkpoint covers the end of the chain")
        }
        return .whole(events: sequence, checkpoints: checkpoints)
    }
}
