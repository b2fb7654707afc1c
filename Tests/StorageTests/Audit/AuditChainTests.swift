import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("The audit chain")
struct AuditChainTests {
    let folder: TemporaryFolder
    let clock = ManualClock()
    let database: Database
    let store: AuditStore
    let signer: AuditSigner

    init() throws {
        folder = try TemporaryFolder()
        database = try Database(path: folder.path + "/registry.db", migrations: Migrations.registry, clock: clock)
        store = AuditStore(database: database)
        try FileManager.default.createDirectory(atPath: folder.path + "/keys", withIntermediateDirectories: true)
        signer = try AuditSigner(directory: folder.path + "/keys")
    }

    /// Six events, the third and the last signed, kept outside too.
    private func fill() async throws {
        for number in 1...6 {
            clock.advance(seconds: 1)
            try await store.append(
                AuditDraft(
                    actor: .developer, action: "alias.set", subject: "models/m\(number)", before: .null,
                    after: ["version": .int(Int64(number)), "share": .double(0.1)]), at: clock.now())
            if number % 3 == 0 {
                let checkpoint = try #require(try await store.checkpoint(signer: signer, at: clock.now()))
                try CheckpointFile(path: folder.path + "/keys/audit.checkpoints").append(checkpoint)
            }
        }
    }

    private func tamper(_ sql: String) async throws {
        try await database.write { connection in
            for statement in sql.split(separator: ";") { try connection.execute(String(statement)) }
        }
    }

    private func verdict() async throws -> AuditVerifier.Verdict {
        try await AuditVerifier.verify(dataDirectory: folder.path)
    }

    private func expectBroken(at expected: Int64, _ word: String) async throws {
        guard case .broken(let sequence, let reason) = try await verdict() else {
            Issue.record("the chain passed as whole")
            return
        }
        #expect(sequence == expected, "\(reason)")
        #expect(reason.contains(word), "\(reason)")
    }

    @Test("an untouched chain is whole, and its key file is for its owner alone")
    func whole() async throws {
        try await fill()
        #expect(
            try await verdict()
                == .whole(events: 6, checkpoints: 2, publicKey: signer.publicKey, signedAt: clock.now()))
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/keys/audit.key")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try AuditSigner(directory: folder.path + "/keys").publicKey == signer.publicKey)
    }

    @Test(
        "a changed field is found",
        arguments: [
            "actor_name = 'eve'", "actor_id = 'eve'", "action = 'x'", "subject = 'models/m9'", "time = time + 1",
            "after = '{\"version\":9}'", "before = '1'",
        ])
    func changedField(_ change: String) async throws {
        try await fill()
        try await tamper("UPDATE audit_events SET \(change) WHERE sequence = 2")
        try await expectBroken(at: 2, "hash")
    }

    @Test(
        "an exported line with a member of its own, or one twice, is found",
        arguments: [
            (#""subject":"models/m2""#, #""approved_by":"mallory","subject":"models/m2""#),
            (#""subject":"models/m2""#, #""subject":"models/m9","subject":"models/m2""#),
            (#"{"event""#, #"{"note":{"hash":"x"},"event""#),
            (#""version":2"#, #""version":3,"version":2"#),
        ])
    func addedMembers(_ old: String, _ new: String) async throws {
        try await fill()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = [#"{"martlet_audit":1,"public_key":"\#(signer.publicKey)","through":6}"#]
        for event in try await store.events(after: 0, through: 6) {
            lines.append(String(decoding: try encoder.encode(["event": event]), as: UTF8.self))
            for checkpoint in try await store.checkpoints(after: event.sequence - 1, through: event.sequence) {
                lines.append(String(decoding: try encoder.encode(["checkpoint": checkpoint]), as: UTF8.self))
            }
        }
        guard case .whole = try AuditVerifier.verify(lines.map { $0[...] }) else {
            Issue.record("the untouched export does not verify")
            return
        }
        #expect(lines[2].contains(old))
        lines[2] = lines[2].replacing(old, with: new)
        guard case .broken(2, let reason) = try AuditVerifier.verify(lines.map { $0[...] }) else {
            Issue.record("the export passed as whole")
            return
        }
        #expect(reason.contains("members"))
    }

    @Test("a deleted event is found")
    func deleted() async throws {
        try await fill()
        try await tamper("DELETE FROM audit_events WHERE sequence = 4")
        try await expectBroken(at: 4, "missing")
    }

    @Test("two swapped events are found")
    func swapped() async throws {
        try await fill()
        try await tamper(
            """
            UPDATE audit_events SET sequence = -1 WHERE sequence = 2; UPDATE audit_events SET sequence = 2 WHERE sequence = 3;
            UPDATE audit_events SET sequence = 3 WHERE sequence = -1
            """)
        try await expectBroken(at: 2, "follow")
    }

    @Test("a rewritten end whose hashes are right is found by the signature before it")
    func rewritten() async throws {
        try await fill()
        let events = try await store.events(after: 0, through: 6)
        var previous = events[1].hash
        for var event in events[2...] {
            event.previousHash = previous
            event.actorName = "eve"
            event.hash = AuditHash.hash(of: event)
            previous = event.hash
            try await tamper(
                """
                UPDATE audit_events SET actor_name = 'eve', previous_hash = '\(event.previousHash)', hash = '\(event.hash)'
                WHERE sequence = \(event.sequence)
                """)
        }
        try await expectBroken(at: 3, "checkpoint")
        // Even when the attacker signs anew, with a key of his own.
        try await tamper("DELETE FROM audit_checkpoints")
        _ = try await store.checkpoint(signer: AuditSigner(), at: clock.now())
        try await expectBroken(at: 3, "checkpoint kept elsewhere")
    }

    @Test("a forged checkpoint is found")
    func forged() async throws {
        try await fill()
        try await tamper("UPDATE audit_checkpoints SET time = time + 1 WHERE sequence = 3")
        try await expectBroken(at: 3, "forged")
    }

    @Test("a cut end is found, with and without its checkpoints")
    func cut() async throws {
        try await fill()
        try await tamper("DELETE FROM audit_events WHERE sequence > 4")
        try await expectBroken(at: 5, "cut")
        try await tamper("DELETE FROM audit_checkpoints WHERE sequence > 4")
        try await expectBroken(at: 5, "cut")
    }

    @Test("concurrent changes make one chain without gaps")
    func concurrent() async throws {
        let store = store, clock = clock
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await store.append(
                        AuditDraft(actor: .developer, action: "a", subject: "\(number)"), at: clock.now())
                }
            }
            try await group.waitForAll()
        }
        guard case .whole(let events, _, _, _) = try await verdict() else {
            Issue.record("the chain is broken")
            return
        }
        #expect(events == 200)
    }

    @Test("a change that fails leaves no event")
    func atomic() async throws {
        struct Refused: Error {}
        await #expect(throws: Refused.self) {
            try await database.write { sql in
                try sql.appendAudit(
                    AuditDraft(actor: .developer, action: "a", subject: "s"), at: Timestamp(milliseconds: 1))
                throw Refused()
            }
        }
        #expect(try await store.last() == nil)
    }
}
