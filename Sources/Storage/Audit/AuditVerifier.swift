public import Domain
internal import Foundation

/// Recomputes an exported audit chain, link by link, and names the first one that is broken. Needs no server.
public struct AuditVerifier: Sendable {
    public enum Verdict: Sendable, Hashable {
        /// `signedAt` is when the last checkpoint was signed: what happened after it is not covered.
        case whole(events: Int64, checkpoints: Int, publicKey: String, signedAt: Timestamp?)
        /// The sequence of the first broken link, and why.
        case broken(sequence: Int64, reason: String)
    }

    /// The key that checkpoints must be signed with; nil takes the export's own, which proves less.
    private let pinnedKey: String?
    private var previousHash = AuditEvent.genesisHash
    private var sequence: Int64 = 0
    private var checkpoints = 0
    private var lastSigned: Int64 = 0
    private var signedAt: Timestamp?
    /// Checkpoints kept elsewhere, by sequence: the chain must reach and match each.
    private var kept: [Int64: AuditCheckpoint] = [:]
    private var publicKey: String?
    private var through: Int64?

    public init(publicKey: String? = nil) { pinnedKey = publicKey }

    /// A chain read from its tables.
    init(publicKey: String, through: Int64, kept: [AuditCheckpoint]) {
        pinnedKey = publicKey
        self.publicKey = publicKey
        self.through = through
        self.kept = Dictionary(kept.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Verifies a whole export.
    ///
    /// - Parameters:
    ///   - publicKey: the key that must have signed it; nil takes the export's own word.
    ///   - kept: checkpoints kept elsewhere (`keys/audit.checkpoints` of the server): the chain must reach and match them.
    /// - Throws: `invalidArgument` if the text is no export.
    public static func verify(
        _ lines: some Sequence<Substring>, publicKey: String? = nil, kept: [AuditCheckpoint] = []
    ) throws -> Verdict {
        var verifier = AuditVerifier(publicKey: publicKey)
        verifier.kept = Dictionary(kept.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
        for line in lines where !line.isEmpty {
            if let broken = try verifier.take(line) { return broken }
        }
        return try verifier.finish()
    }

    /// The members of each kind of line. What stands beside them is covered by no hash, and another reader might believe it.
    private static let lineMembers: [Set<String>] = [
        ["martlet_audit", "public_key", "through"], ["event"], ["checkpoint"],
    ]
    private static let innerMembers: [String: Set<String>] = [
        "event": [
            "sequence", "time", "actor_id", "actor_name", "action", "subject", "before", "after", "previous_hash",
            "hash",
        ],
        "checkpoint": ["sequence", "hash", "time", "public_key", "signature"],
    ]

    /// Whether a line holds each of its members once, and none besides.
    private static func isExact(_ value: JSONValue, line: Substring) -> Bool {
        guard let members = value.objectValue, lineMembers.contains(Set(members.keys)) else { return false }
        for (kind, wanted) in innerMembers {
            if let inner = members[kind], inner.objectValue.map({ Set($0.keys) }) != wanted { return false }
        }
        return memberCount(value) == colonCount(line.utf8)
    }

    /// Of a member that stands twice a reader keeps one; the text still has its colon.
    private static func memberCount(_ value: JSONValue) -> Int {
        switch value {
        case .object(let members): members.values.reduce(members.count) { $0 + memberCount($1) }
        case .array(let elements): elements.reduce(0) { $0 + memberCount($1) }
        default: 0
        }
    }

    /// The colons of a JSON text that stand outside its strings: one a member.
    private static func colonCount(_ text: some Sequence<UInt8>) -> Int {
        var (count, isInString, isEscaped) = (0, false, false)
        for byte in text {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if isInString {
                isEscaped = byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: ":") {
                count += 1
            }
        }
        return count
    }

    private mutating func take(_ text: Substring) throws -> Verdict? {
        struct Line: Decodable {
            var martlet_audit: Int?
            var public_key: String?
            var through: Int64?
            var event: AuditEvent?
            var checkpoint: AuditCheckpoint?
        }
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)),
            let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8))
        else {
            return .broken(sequence: sequence + 1, reason: "the line cannot be read")
        }
        guard Self.isExact(value, line: text) else {
            return .broken(
                sequence: sequence + 1, reason: "the line has members twice, or others than an export has")
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

    mutating func take(_ event: AuditEvent) -> Verdict? {
        guard event.sequence == sequence + 1 else {
            return .broken(sequence: sequence + 1, reason: "it is missing; event \(event.sequence) stands in its place")
        }
        guard event.previousHash == previousHash else {
            return .broken(sequence: event.sequence, reason: "it does not follow the event before it")
        }
        guard AuditHash.hash(of: event) == event.hash else {
            return .broken(sequence: event.sequence, reason: "its contents do not match its hash")
        }
        if let signed = kept[event.sequence], signed.hash != event.hash {
            return .broken(
                sequence: event.sequence, reason: "a checkpoint kept elsewhere was signed over other contents")
        }
        sequence = event.sequence
        previousHash = event.hash
        return nil
    }

    mutating func take(_ checkpoint: AuditCheckpoint) -> Verdict? {
        let broken = { (reason: String) in Verdict.broken(sequence: checkpoint.sequence, reason: reason) }
        guard checkpoint.sequence == sequence, checkpoint.hash == previousHash else {
            return broken("its checkpoint was signed over another event")
        }
        guard checkpoint.publicKey == publicKey else { return broken("its checkpoint was signed with another key") }
        guard AuditSigner.isGenuine(checkpoint) else { return broken("the signature of its checkpoint is forged") }
        checkpoints += 1
        lastSigned = checkpoint.sequence
        signedAt = checkpoint.time
        return nil
    }

    /// - Parameter coveringEnd: whether the last event must be signed, as it is in an export.
    func finish(coveringEnd: Bool = true) throws -> Verdict {
        guard let through else { throw MartletError.invalid("The file is no audit export: its header is missing.") }
        guard sequence >= through else {
            return .broken(sequence: sequence + 1, reason: "it is missing; the export says that it goes to \(through)")
        }
        if let last = kept.keys.max(), last > sequence {
            return .broken(
                sequence: sequence + 1,
                reason: "it is missing; a checkpoint kept elsewhere signs event \(last): the end was cut")
        }
        guard lastSigned == sequence || sequence == 0 || !coveringEnd else {
            return .broken(sequence: sequence, reason: "no signed checkpoint covers the end of the chain")
        }
        return .whole(events: sequence, checkpoints: checkpoints, publicKey: publicKey ?? "", signedAt: signedAt)
    }
}
