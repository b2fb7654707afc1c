import Domain
import Storage
import TestSupport
import Testing

@Suite("Principals and their keys", .everyEngine, .namingEngine)
struct AccountsTests {
    private let folder: TemporaryFolder
    private let clock = ManualClock()
    private let accounts: AccountStore
    private let keys: KeyStore

    init() throws {
        folder = try TemporaryFolder()
        let database = try Database.test(folder.path + "/r.db", migrations: Migrations.registry, clock: clock)
        accounts = AccountStore(database: database, clock: clock)
        keys = KeyStore(database: database, clock: clock)
    }

    @Test("a key proves its principal until it expires, is revoked, or its principal is removed")
    func lifeOfKeys() async throws {
        _ = try await accounts.create(name: "ada", roles: [.contributor], actor: .system)
        let lasting = try await keys.issue(for: "ada", label: "", actor: .system)
        let short = try await keys.issue(for: "ada", label: "", validSeconds: 60, actor: .system)
        #expect(try await keys.authenticate(lasting.text)?.principal.roles == [.contributor])
        clock.advance(seconds: 61)
        #expect(try await keys.authenticate(short.text) == nil)
        #expect(try await keys.authenticate(lasting.text) != nil)
        try await keys.revoke(id: lasting.key.id, actor: .system)
        #expect(try await keys.authenticate(lasting.text) == nil)
        let third = try await keys.issue(for: "ada", label: "", actor: .system)
        try await accounts.remove(name: "ada", actor: .system)
        #expect(try await keys.authenticate(third.text) == nil)
    }

    @Test("a key with one other digit proves nothing")
    func wrongSecret() async throws {
        _ = try await accounts.create(name: "ada", roles: [.viewer], actor: .system)
        let key = try await keys.issue(for: "ada", label: "", actor: .system)
        let last = key.text.hasSuffix("0") ? "1" : "0"
        #expect(try await keys.authenticate(String(key.text.dropLast()) + last) == nil)
        for text in ["", "mk_", "mk__", key.text + "0", key.text.uppercased(), "x" + key.text.dropFirst()] {
            #expect(try await keys.authenticate(text) == nil)
        }
    }

    @Test("the secret is in no description")
    func descriptions() async throws {
        _ = try await accounts.create(name: "ada", roles: [.viewer], actor: .system)
        let key = try await keys.issue(for: "ada", label: "", actor: .system)
        #expect(!"\(key)".contains(key.text))
        #expect(!String(reflecting: key).contains(key.text))
    }

    @Test("a narrow key is confined to its model and does not live long")
    func narrowKeys() async throws {
        let narrow = try await keys.issueNarrowKey(model: "m", purpose: "retraining", validSeconds: 10, actor: .system)
        #expect(try await keys.authenticate(narrow.text)?.principal.onlyModel == "m")
        clock.advance(seconds: 11)
        #expect(try await keys.authenticate(narrow.text) == nil)
        await #expect(throws: MartletError.self) {
            try await keys.issueNarrowKey(model: "m", purpose: "", validSeconds: 100_000, actor: .system)
        }
    }

    @Test("the first administrator is made once; the last cannot be removed; names are never reused")
    func administrators() async throws {
        #expect(try await accounts.createFirstAdministrator { _ in })
        #expect(try await !accounts.createFirstAdministrator { _ in })
        await #expect(throws: MartletError.self) { try await accounts.remove(name: "admin", actor: .system) }
        _ = try await accounts.create(name: "ada", roles: [.administrator], actor: .system)
        try await accounts.remove(name: "admin", actor: .system)
        await #expect(throws: MartletError.self) {
            try await accounts.create(name: "admin", roles: [.administrator], actor: .system)
        }
    }

    @Test("an administrator whose key could not be kept is not made")
    func persistFails() async throws {
        await #expect(throws: MartletError.self) {
            try await accounts.createFirstAdministrator { _ in throw MartletError(.unavailable, "disk full") }
        }
        #expect(try await accounts.list().contains { $0.name == "admin" } == false)
    }
}
