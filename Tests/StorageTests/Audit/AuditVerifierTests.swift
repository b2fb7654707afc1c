import Domain
import Foundation
import Storage
import TestSupport
import Testing

@Suite("The audit chain, verified without its server")
struct AuditVerifierTests {
    private let folder: TemporaryFolder
    private let lines: [String]
    private let publicKey: String

    /// Ten events, a checkpoint after the fifth and one at the end, as the export has them.
    init() async throws {
        folder = try TemporaryFolder()
        let clock = ManualClock()
        let database = try Database(path: folder.path + "/r.db", migrations: Migrations.registry, clock: clock)
        let store = AuditStore(database: database)
        let signer = AuditSigner()
        publicKey = signer.publicKey
        for number in 1...10 {
            let draft = AuditDraft(
                actor: .developer, action: "alias.set", subject: "models/m\(number)",
                after: ["version": .int(Int64(number)), "text": "<b>\"ü\n"])
            try await store.append(draft, at: clock.now())
            if number == 5 { _ = try await store.checkpoint(signer: signer, at: clock.now()) }
        }
        _ = try await store.checkpoint(signer: signer, at: clock.now())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func line(_ value: some Encodable) throws -> String {
            String(decoding: try encoder.encode(value), as: UTF8.self)
        }
        var lines = [try line(["martlet_audit": 1, "public_key": .string(publicKey), "through": 10] as JSONValue)]
        let checkpoints = try await store.checkpoints(after: 0, through: 10)
        for event in try await store.events(after: 0, through: 10) {
            lines.append(try line(["event": event]))
            for checkpoint in checkpoints where checkpoint.sequence == event.sequence {
                lines.append(try line(["checkpoint": checkpoint]))
            }
        }
        self.lines = lines
    }

    private func verify(_ lines: [String], publicKey: String? = nil) throws -> AuditVerifier.Verdict {
        try AuditVerifier.verify(lines.map { $0[...] }, publicKey: publicKey)
    }

    private func brokenAt(_ lines: [String]) throws -> Int64? {
        guard case .broken(let sequence, _) = try verify(lines) else { return nil }
        return sequence
    }

    @Test("an untouched export is whole, also with the key pinned")
    func whole() throws {
        #expect(try verify(lines) == .whole(events: 10, checkpoints: 2))
        #expect(try verify(lines, publicKey: publicKey) == .whole(events: 10, checkpoints: 2))
    }

    @Test("a changed field, a removed event and two swapped ones are named")
    func tampering() throws {
        // The header is line 0, event n line n up to the fifth, one more behind the first checkpoint.
        var changed = lines
        changed[3] = changed[3].replacing("\"version\":3", with: "\"version\":4")
        #expect(try brokenAt(changed) == 3)
        var removed = lines
        removed.remove(at: 4)
        #expect(try brokenAt(removed) == 4)
        var swapped = lines
        swapped.swapAt(8, 9)
        #expect(try brokenAt(swapped) == 7)
    }

    @Test("a tail that was cut off is noticed, with or without its checkpoint")
    func truncation() throws {
        #expect(try brokenAt(Array(lines.dropLast(3))) == 9)
        #expect(try brokenAt(Array(lines.dropLast(1))) == 10)
        // Cut at the checkpoint before, the header still says how far it went.
        #expect(try brokenAt(Array(lines.prefix(7))) == 6)
    }

    @Test("a forged signature and another key are noticed")
    func forgery() throws {
        var forged = lines
        let other = AuditSigner().publicKey
        forged[6] = forged[6].replacing(publicKey, with: other)
        #expect(try brokenAt(forged) == 5)
        let everywhere = lines.map { $0.replacing(publicKey, with: other) }
        #expect(try brokenAt(everywhere) == 5)
        guard case .broken = try verify(lines, publicKey: other) else {
            Issue.record("another pinned key was accepted")
            return
        }
    }

    @Test("what is no export is refused")
    func notAnExport() {
        #expect(throws: MartletError.self) { try verify([]) }
        #expect(throws: MartletError.self) { try verify(Array(lines.dropFirst())) }
    }
}
