import Domain
import Storage
import Testing

@Suite("Who may move an alias")
struct AliasRuleTests {
    let world: TrackingWorld
    let olga = Principal(id: .init(rawValue: "p-olga"), name: "olga", roles: [.operator])
    let pia = Principal(id: .init(rawValue: "p-pia"), name: "pia", roles: [.contributor, .approver])
    var registry: RegistryStore { world.registry }
    var rules: AliasRuleStore { AliasRuleStore(database: world.database, clock: world.clock) }

    init() async throws {
        world = try TrackingWorld()
        for _ in 1...2 { try await world.version(of: "pump") }
        let accounts = AccountStore(database: world.database, clock: world.clock)
        _ = try await accounts.create(name: "ben", roles: [.contributor], actor: .system)
    }

    private func actions() async throws -> [String] {
        try await AuditStore(database: world.database).auditEvents(
            matching: AuditFilter(), before: nil, limit: 100
        ).map(\.action)
    }

    @Test("a rule by role or by name lets those move and delete the alias, and nobody else")
    func moves() async throws {
        _ = try await rules.protect("pump", alias: "prod", roles: [.approver], principals: ["ben"], by: olga)
        #expect(
            await world.refusal { try await registry.setAlias("pump", alias: "prod", version: 1, by: world.ada) }
                == .permissionDenied)
        try await registry.setAlias("pump", alias: "prod", version: 1, by: pia)
        try await registry.setAlias("pump", alias: "prod", version: 2, by: world.ben)
        #expect(
            await world.refusal { try await registry.deleteAlias("pump", alias: "prod", by: world.ada) }
                == .permissionDenied)
        #expect(try await registry.model("pump").aliases == ["prod": 2])
        try await registry.setAlias("pump", alias: "free", version: 1, by: world.ada)
        try await rules.unprotect("pump", alias: "prod", by: olga)
        try await registry.deleteAlias("pump", alias: "prod", by: world.ada)
        let actions = try await actions()
        #expect(actions.contains("alias.protect") && actions.contains("alias.unprotect"))
    }

    @Test("a refusal says who may and what to do, and leaves no audit event")
    func words() async throws {
        _ = try await rules.protect("pump", alias: "prod", roles: [.approver], principals: ["ben"], by: olga)
        let before = try await actions().count
        do {
            try await registry.setAlias("pump", alias: "prod", version: 1, by: world.ada)
            Issue.record("not refused")
        } catch let error as MartletError {
            #expect(
                error.message.contains("the role approver, ben") && error.message.contains("martlet alias protect"))
        }
        #expect(try await actions().count == before)
    }

    @Test("nobody gets around a rule by deleting or renaming the model or the version")
    func around() async throws {
        _ = try await rules.protect("pump", alias: "prod", roles: [.approver], principals: [], by: olga)
        try await registry.setAlias("pump", alias: "prod", version: 2, by: pia)
        let id = ModelVersionID(model: "pump", version: 2)
        #expect(
            await world.refusal { try await registry.deleteVersion(id, by: world.ada) } == .permissionDenied)
        #expect(await world.refusal { try await registry.delete("pump", by: world.ada) } == .permissionDenied)
        #expect(
            await world.refusal { _ = try await registry.rename("pump", to: "x", by: world.ada) } == .permissionDenied)
        _ = try await registry.rename("pump", to: "valve", by: pia)
        for name in ["valve", "pump"] {
            if name == "pump" { try await world.version(of: "pump") }
            let version = name == "pump" ? 3 : 1
            #expect(
                await world.refusal {
                    try await registry.setAlias(name, alias: "prod", version: version, by: world.ada)
                } == .permissionDenied, "\(name)")
        }
        try await registry.delete("valve", by: pia)
        _ = try await registry.create(name: "other", description: nil, tags: [:], by: world.ada)
        #expect(
            await world.refusal { _ = try await registry.rename("other", to: "valve", by: world.ada) }
                == .invalidArgument)
    }

    @Test("a rule for nobody, for viewers, for a stranger or for no model is refused")
    func malformed() async throws {
        let wrong: [(String, [Role], [String], MartletError.Code)] = [
            ("pump", [], [], .invalidArgument), ("pump", [.viewer], [], .invalidArgument),
            ("pump", [], ["nobody"], .invalidArgument), ("none", [.approver], [], .notFound),
        ]
        for (model, roles, names, code) in wrong {
            #expect(
                await world.refusal {
                    _ = try await rules.protect(model, alias: "prod", roles: roles, principals: names, by: olga)
                } == code, "\(model) \(roles) \(names)")
        }
        #expect(try await rules.rules(of: "pump").isEmpty)
        #expect(await world.refusal { try await rules.unprotect("pump", alias: "prod", by: olga) } == .notFound)
    }
}
