import Domain
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("Accounts and API keys", .everyEngine, .namingEngine)
struct AccountStoreTests {
    let folder: TemporaryFolder
    let clock = ManualClock()
    let accounts: AccountStore
    let keys: KeyStore
    let audit: AuditStore

    init() throws {
        folder = try TemporaryFolder()
        let database = try Database.test(folder.path + "/r.db", migrations: Migrations.registry, clock: clock)
        accounts = AccountStore(database: database, clock: clock)
        keys = KeyStore(database: database, clock: clock)
        audit = AuditStore(database: database)
    }

    private func code(_ body: () async throws -> Void) async -> MartletError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? MartletError)?.code }
    }

    @Test("a key proves its principal and nothing but its whole text does")
    func keyProves() async throws {
        _ = try await accounts.create(name: "ada", roles: [.contributor], actor: .system)
        let issued = try await keys.issue(for: "ada", label: "laptop", actor: .system)
        #expect(issued.text.hasPrefix("mk_\(issued.key.id)_"))
        #expect(issued.text.split(separator: "_")[2].utf8.count == 64)
        let found = try await keys.authenticate(issued.text)
        #expect(found?.principal.name == "ada")
        #expect(found?.principal.roles == [.contributor])
        #expect(found?.principal.keyID == issued.key.id)
        let last = issued.text.last == "0" ? "1" : "0"
        for wrong in [
            String(issued.text.dropLast()) + last, String(issued.text.dropLast()), issued.text + "0", "", "mk__",
            issued.text.uppercased(), "mk_\(issued.key.id)_", " " + issued.text,
        ] {
            #expect(try await keys.authenticate(wrong) == nil, "\(wrong.count) characters")
        }
    }

    @Test("neither the key's text nor its hash is in the audit chain or the description")
    func secretsStaySecret() async throws {
        _ = try await accounts.create(name: "ada", roles: [.viewer], actor: .system)
        let issued = try await keys.issue(for: "ada", label: "", actor: .system)
        let secret = String(issued.text.split(separator: "_")[2])
        #expect(!"\(issued)".contains(secret))
        let events = try await audit.auditEvents(matching: AuditFilter(), before: nil, limit: 100)
        #expect(events.map(\.action) == ["key.create", "principal.create"])
        for event in events { #expect(!event.canonicalText.contains(secret)) }
        #expect(!(events[0].after.canonicalText.contains("sha256")))
    }

    @Test("an expired, a revoked and a removed principal's key end at once")
    func keysEnd() async throws {
        _ = try await accounts.create(name: "ada", roles: [.viewer], actor: .system)
        let short = try await keys.issue(for: "ada", label: "", validSeconds: 60, actor: .system)
        let revoked = try await keys.issue(for: "ada", label: "", actor: .system)
        let last = try await keys.issue(for: "ada", label: "", actor: .system)
        clock.advance(seconds: 59)
        #expect(try await keys.authenticate(short.text) != nil)
        clock.advance(seconds: 1)
        #expect(try await keys.authenticate(short.text) == nil)
        try await keys.revoke(id: revoked.key.id, actor: .system)
        #expect(try await keys.authenticate(revoked.text) == nil)
        #expect(try await keys.holder(ofKey: revoked.key.id) == nil)
        #expect(try await keys.authenticate(last.text) != nil)
        try await accounts.remove(name: "ada", actor: .system)
        #expect(try await keys.authenticate(last.text) == nil)
    }

    @Test("a removed name stays taken, and the last administrator stays")
    func names() async throws {
        _ = try await accounts.create(name: "root1", roles: [.administrator], actor: .system)
        _ = try await accounts.create(name: "ada", roles: [.viewer], actor: .system)
        try await accounts.remove(name: "ada", actor: .system)
        #expect(
            await code { _ = try await accounts.create(name: "ada", roles: [.viewer], actor: .system) }
                == .alreadyExists)
        #expect(await code { try await accounts.remove(name: "root1", actor: .system) } == .failedPrecondition)
        #expect(
            await code { _ = try await accounts.setRoles([.viewer], of: "root1", actor: .system) }
                == .failedPrecondition)
        #expect(await code { try await accounts.remove(name: "retraining", actor: .system) } == .failedPrecondition)
        _ = try await accounts.create(name: "root2", roles: [.administrator], actor: .system)
        try await accounts.remove(name: "root1", actor: .system)
    }

    @Test("illegal names are refused", arguments: ["", "a b", "a:b", "-a", "é", "token", "key", "a\n", "a/b"])
    func illegalNames(name: String) async throws {
        #expect(
            await code { _ = try await accounts.create(name: name, roles: [.viewer], actor: .system) }
                == .invalidArgument)
        #expect(try await audit.last() == nil, "a refused change leaves no event")
    }

    @Test("the first administrator is made once; if its key cannot be kept, nothing is made")
    func firstAdministrator() async throws {
        struct DiskFull: Error {}
        await #expect(throws: (any Error).self) {
            _ = try await accounts.createFirstAdministrator { _ in throw DiskFull() }
        }
        #expect(try await accounts.list().filter { !$0.isSystem }.isEmpty)
        let shown = Shown()
        #expect(try await accounts.createFirstAdministrator { shown.keep($0) })
        #expect(try await keys.authenticate(shown.text)?.principal.roles == [.administrator])
        #expect(try await !accounts.createFirstAdministrator { _ in throw DiskFull() })
    }

    @Test("a narrow key is a contributor of one model and lives a day at most")
    func narrowKey() async throws {
        let issued = try await keys.issueNarrowKey(
            model: "churn", purpose: "retraining 1", validSeconds: 3600, actor: .monitor)
        let principal = try #require(try await keys.authenticate(issued.text)?.principal)
        #expect(principal.onlyModel == "churn")
        #expect(principal.roles == [.contributor])
        #expect(
            await code {
                _ = try await keys.issueNarrowKey(model: "c", purpose: "", validSeconds: 86_401, actor: .monitor)
            } == .invalidArgument)
        try await keys.revokeNarrowKey(id: issued.key.id, actor: .monitor)
        try await keys.revokeNarrowKey(id: issued.key.id, actor: .monitor)
        #expect(try await keys.authenticate(issued.text) == nil)
    }
}

/// Keeps the text that a closure was shown.
private final class Shown: Sendable {
    private let kept = Mutex("")
    var text: String { kept.withLock { $0 } }
    func keep(_ text: String) { kept.withLock { $0 = text } }
}
