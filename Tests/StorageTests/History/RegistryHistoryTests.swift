import Domain
import Storage
import TestSupport
import Testing

@Suite("The history of registered models")
struct RegistryHistoryTests {
    let world: TrackingWorld
    var registry: RegistryStore { world.registry }
    var history: RegistryHistory { RegistryHistory(database: world.database) }

    init() throws { world = try TrackingWorld() }

    /// Kind, key, version, value and author of every entry, oldest first, as one line each.
    private func lines(_ model: String, _ query: RegistryHistoryQuery = RegistryHistoryQuery()) async throws -> [String]
    {
        try await history.changes(of: model, matching: query, limit: 1_000).reversed().map { entry in
            "\(entry.kind.rawValue) \(entry.key) \(entry.version ?? 0) \(entry.previous ?? "-")>\(entry.value ?? "-") \(entry.actorName)"
        }
    }

    private func value(
        _ model: String, _ kind: RegistryChange.Kind, _ key: String = "", at time: Timestamp
    ) async throws -> String? {
        let query = RegistryHistoryQuery(kind: kind, key: key.isEmpty ? nil : key)
        return try await history.moment(of: model, at: time, matching: query).items.first?.value
    }

    @Test("every change is noted with its author, its value and the one before, in order; what does not change is not")
    func everyKind() async throws {
        let id = try await world.version(of: "pump").id
        try await registry.setTag("pump", key: "team", value: "a", by: world.ada)
        try await registry.setTag("pump", key: "team", value: "a", by: world.ben)
        try await registry.setTag("pump", key: "team", value: "b", by: world.ben)
        try await registry.deleteTag("pump", key: "team", by: world.cas)
        _ = try await registry.update("pump", description: "first", by: world.dee)
        try await registry.setVersionTag(id, key: "card", value: "x", by: world.ada)
        try await registry.deleteVersionTag(id, key: "card", by: world.ada)
        _ = try await registry.updateVersion(id, description: "text", by: world.ben)
        _ = try await registry.transition(id, to: .staging, archiveOthers: false, by: world.cas)
        try await registry.setAlias("pump", alias: "next", version: 1, by: world.ada)
        try await registry.deleteAlias("pump", alias: "next", by: world.ben)
        let source = try await registry.version(id).source
        #expect(
            try await lines("pump") == [
                "name  0 ->pump ada", "version  1 ->\(source) ada", "tag team 0 ->a ada", "tag team 0 a>b ben",
                "tag team 0 b>- cas", "description  0 ->first dee", "version_tag card 1 ->x ada",
                "version_tag card 1 x>- ada", "version_description  1 ->text ben", "stage  1 ->Staging cas",
                "alias next 0 ->1 ada", "alias next 0 1>- ben",
            ])
    }

    @Test("what was champion on a day is told, also after it moved, was taken away, or its version was deleted")
    func championOnADay() async throws {
        for _ in 1...3 { try await world.version(of: "pump") }
        var days: [Timestamp] = []
        for version in 1...3 {
            try await world.reader.moveChampion(
                model: "pump", alias: "champion", to: version, by: .rolloutController)
            world.clock.advance(seconds: 3_600)
            days.append(world.clock.now())
            world.clock.advance(seconds: 86_400)
        }
        try await registry.deleteVersion(ModelVersionID(model: "pump", version: 3), by: world.ada)
        let after = world.clock.now()
        for (index, day) in days.enumerated() {
            #expect(try await value("pump", .alias, "champion", at: day) == "\(index + 1)")
        }
        #expect(try await value("pump", .alias, "champion", at: after) == nil)
        let moves = try await history.changes(
            of: "pump", matching: RegistryHistoryQuery(kind: .alias, key: "champion"), limit: 9)
        #expect(moves.map(\.actorName) == ["ada", "rollout-controller", "rollout-controller", "rollout-controller"])
    }

    @Test("of a deleted version nothing stands any more, and all that stood before is still told")
    func deletedVersion() async throws {
        let id = try await world.version(of: "pump").id
        try await registry.setVersionTag(id, key: "card", value: "x", by: world.ada)
        let before = world.clock.now()
        world.clock.advance(seconds: 1)
        try await registry.deleteVersion(id, by: world.ada)
        let kinds = RegistryHistoryQuery(version: 1)
        #expect(try await history.moment(of: "pump", at: before, matching: kinds).items.count == 2)
        #expect(try await history.moment(of: "pump", at: world.clock.now(), matching: kinds).items.isEmpty)
    }

    @Test("archiving others notes each of them")
    func archived() async throws {
        for _ in 1...2 { try await world.version(of: "pump") }
        let ids = (1...2).map { ModelVersionID(model: "pump", version: $0) }
        _ = try await registry.transition(ids[0], to: .production, archiveOthers: false, by: world.ada)
        _ = try await registry.transition(ids[1], to: .production, archiveOthers: true, by: world.ben)
        #expect(
            try await lines("pump", RegistryHistoryQuery(kind: .stage)) == [
                "stage  1 ->Production ada", "stage  1 Production>Archived ben", "stage  2 ->Production ben",
            ])
    }

    @Test("a model keeps its history under another name; who takes the old name begins a new one")
    func renamedAndRemade() async throws {
        try await world.version(of: "pump")
        try await registry.setAlias("pump", alias: "next", version: 1, by: world.ada)
        let asPump = world.clock.now()
        world.clock.advance(seconds: 10)
        _ = try await registry.rename("pump", to: "valve", by: world.ben)
        world.clock.advance(seconds: 10)
        _ = try await registry.create(name: "pump", description: "another", tags: [:], by: world.cas)
        let later = world.clock.now()
        #expect(try await lines("pump") == ["name  0 ->pump cas", "description  0 ->another cas"])
        #expect(try await lines("valve").last == "name  0 pump>valve ben")
        // The name at that moment counts first, then the model that has the name now.
        #expect(try await value("pump", .alias, "next", at: asPump) == "1")
        #expect(try await value("pump", .alias, "next", at: later) == nil)
        let then = try await history.moment(of: "valve", at: asPump)
        #expect(then.name == "pump" && then.items.contains { $0.kind == .alias && $0.value == "1" })
        world.clock.advance(seconds: 1)
        try await registry.delete("pump", by: world.cas)
        world.clock.advance(seconds: 1)
        #expect(try await lines("pump").last == "name  0 pump>- cas")
        #expect(
            await world.refusal { _ = try await history.moment(of: "pump", at: world.clock.now()) } == .notFound)
        #expect(try await value("pump", .description, at: later) == "another")
        _ = try await registry.create(name: "pump", description: "third", tags: [:], by: world.dee)
        #expect(try await lines("pump") == ["name  0 ->pump dee", "description  0 ->third dee"])
        #expect(try await value("pump", .description, at: later) == "another")
    }

    @Test("before its registration there was no model, and an unknown name has no history")
    func before() async throws {
        _ = try await registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        let earlier = world.clock.now().adding(seconds: -1)
        #expect(await world.refusal { _ = try await history.moment(of: "pump", at: earlier) } == .notFound)
        #expect(await world.refusal { _ = try await history.changes(of: "valve", limit: 1) } == .notFound)
    }

    @Test("a refused change leaves no entry")
    func refused() async throws {
        try await world.version(of: "pump")
        let count = try await lines("pump").count
        _ = await world.refusal { try await registry.setAlias("pump", alias: "next", version: 9, by: world.ada) }
        _ = await world.refusal { try await registry.setTag("pump", key: "../x", value: "1", by: world.ada) }
        #expect(try await lines("pump").count == count)
    }

    @Test("pages hold every entry once, newest first")
    func pages() async throws {
        _ = try await registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        for number in 1...7 { try await registry.setTag("pump", key: "k", value: "\(number)", by: world.ada) }
        var seen: [String?] = []
        var before: Int64?
        while true {
            let page = try await history.changes(of: "pump", before: before, limit: 3)
            guard let last = page.last else { break }
            seen += page.map(\.value)
            before = last.id
        }
        #expect(seen == ["7", "6", "5", "4", "3", "2", "1", "pump"])
    }

    @Test("a database from before has the state of its migration as its first entries, marked and dated so")
    func migrated() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/registry.db"
        let older = try Database(
            path: path, migrations: Migrations.registry.filter { $0.number < 90 }, clock: world.clock)
        try await older.write { sql in
            for statement in Self.olderRows { try sql.execute(statement) }
        }
        try await older.close()
        world.clock.advance(seconds: 60)
        let begin = world.clock.now()
        let database = try Database(path: path, migrations: Migrations.registry, clock: world.clock)
        let history = RegistryHistory(database: database)
        world.clock.advance(seconds: 60)
        let store = RegistryStore(database: database, clock: world.clock)
        try await store.setAlias("pump", alias: "prod", version: 2, by: world.ada)
        let entries = try await history.changes(of: "pump", limit: 99)
        #expect(entries.first?.previous == "1" && entries.first?.origin == .change)
        let taken = entries.dropFirst()
        #expect(taken.allSatisfy { $0.origin == .migration && $0.time == begin })
        #expect(
            taken.map { "\($0.kind.rawValue) \($0.key) \($0.version ?? 0) \($0.value ?? "-")" }.reversed() == [
                "name  0 pump", "description  0 d", "tag team 0 a", "version  1 s1", "version  2 s2",
                "version_description  2 vd", "stage  2 Staging", "version_tag card 2 c", "alias prod 0 1",
            ])
        #expect(
            await world.refusal { _ = try await history.moment(of: "pump", at: begin.adding(seconds: -1)) }
                == .failedPrecondition)
        #expect(try await history.moment(of: "pump", at: begin).items.count == 9)
        _ = try await store.create(name: "fresh", description: nil, tags: [:], by: world.ada)
        #expect(try await history.changes(of: "fresh", limit: 9).map(\.origin) == [.change])
        try await database.close()
    }

    private static let olderRows = [
        """
        INSERT INTO registered_models (name, description, created_at, updated_at, created_by, created_by_name)
        VALUES ('pump', 'd', 1, 1, 'p', 'p'), ('other', NULL, 1, 1, 'p', 'p')
        """,
        "INSERT INTO registered_model_tags (name, key, value) VALUES ('pump', 'team', 'a')",
        """
        INSERT INTO model_versions (name, version, created_at, updated_at, stage, description, source, artifact_root,
            created_by, created_by_name)
        VALUES ('pump', 1, 1, 1, 'None', NULL, 's1', '', 'p', 'p'), ('pump', 2, 1, 1, 'Staging', 'vd', 's2', '', 'p', 'p')
        """,
        "INSERT INTO model_version_tags (name, version, key, value) VALUES ('pump', 2, 'card', 'c')",
        "INSERT INTO registered_model_aliases (name, alias, version) VALUES ('pump', 'prod', 1)",
    ]
}
