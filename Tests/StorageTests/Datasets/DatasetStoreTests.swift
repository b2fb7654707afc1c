import Domain
import Storage
import Testing

@Suite("Data sets and their versions")
struct DatasetStoreTests {
    let world: TrackingWorld
    let store: DatasetStore

    init() throws {
        world = try TrackingWorld()
        store = DatasetStore(database: world.database, clock: world.clock)
    }

    static func draft(_ name: String, _ content: String = "a", path: String = "data.csv") -> DatasetStore.Draft {
        var column = DatasetColumn(
            name: "x", kind: .integer, present: 2, missing: 0, distinct: 2, isDistinctExact: true)
        column.mean = 1.5
        return DatasetStore.Draft(
            name: name, source: "/somewhere",
            files: [
                .init(
                    path: path, digest: String(repeating: content, count: 64), bytes: 10, format: .csv, rows: 2)
            ], rows: 2, columns: [column], sketch: "{\"of\":\"\(content)\"}")
    }

    @Test("a version is its content: the same again is the same version, other content is the next")
    func content() async throws {
        let first = try await store.add(Self.draft("plants", "a"), by: world.ada)
        let again = try await store.add(Self.draft("plants", "a"), by: world.ben)
        let second = try await store.add(Self.draft("plants", "b"), by: world.ben)
        #expect(first.isNew && !again.isNew && second.isNew)
        #expect(first.version == again.version && again.version.createdByName == "ada")
        #expect([first, second].map(\.version.id.number) == [1, 2])
        #expect(first.version.columns.first?.mean == 1.5 && first.version.files.first?.rows == 2)
        let other = try await store.add(Self.draft("others", "a"), by: world.ada)
        #expect(other.version.id.digest == first.version.id.digest && other.version.id.number == 1)
        #expect(try await store.summaries(after: nil, limit: 10).map(\.name) == ["others", "plants"])
        #expect(try await store.summaries(after: "others", limit: 10).first?.versions == 2)
        #expect(try await store.versions("plants", before: nil, limit: 1).map(\.id.number) == [2])
    }

    @Test("found by number, by the beginning of its digest, or as the newest")
    func selectors() async throws {
        let id = try await store.add(Self.draft("plants"), by: world.ada).version.id
        for selector in [DatasetVersionSelector.newest, .number(1), .digest(String(id.digest.prefix(8)))] {
            #expect(try await store.version("plants", selector).id == id)
        }
        #expect(try await store.sketched("plants", .newest).sketch == "{\"of\":\"a\"}")
        #expect(await world.refusal { _ = try await store.version("plants", .number(2)) } == .notFound)
        #expect(await world.refusal { _ = try await store.version("none", .newest) } == .notFound)
    }

    @Test("a run names a version by its digest or by its source; then the version cannot be deleted")
    func links() async throws {
        let id = try await store.add(Self.draft("plants", "a"), by: world.ada).version.id
        let other = try await store.add(Self.draft("others", "a"), by: world.ada).version.id
        _ = try await store.add(Self.draft("plants", "b"), by: world.ada)
        let run = try await world.run()
        func input(_ name: String, _ digest: String, _ source: String = "{}") -> DatasetInput {
            DatasetInput(
                name: name, digest: digest, sourceType: "local", source: source, schema: nil, profile: nil,
                tags: ["mlflow.data.context": "training"])
        }
        try await world.runs.logInputs(
            run.id,
            datasets: [
                input("plants", id.runDigest), input("frame", "12345678", "{\"uri\": \"\(other.sourceURI)\"}"),
                input("nothing of ours", "87654321"),
            ], models: [])
        let links = try await store.versions(ofRun: run.id)
        #expect(
            links == [
                LoggedDatasetKey(name: "plants", digest: id.runDigest): id,
                LoggedDatasetKey(name: "frame", digest: "12345678"): other,
            ])
        #expect(try await store.uses(of: id, limit: 10).map(\.runID) == [run.id])
        #expect(try await store.uses(of: id, limit: 10).first?.context == "training")
        #expect(await world.refusal { _ = try await store.delete("plants", nil, by: world.ada) } == .failedPrecondition)
        #expect(try await store.versions("plants", before: nil, limit: 10).count == 2)
        #expect(try await store.delete("plants", .number(2), by: world.ada) == [2])
        // A number is never used again.
        #expect(try await store.add(Self.draft("plants", "c"), by: world.ada).version.id.number == 3)
    }

    @Test("every change is in the audit chain, and only changes are")
    func audit() async throws {
        _ = try await store.add(Self.draft("plants"), by: world.ada)
        _ = try await store.add(Self.draft("plants"), by: world.ada)
        _ = try await store.delete("plants", .newest, by: world.ben)
        let events = try await AuditStore(database: world.database).auditEvents(
            matching: AuditFilter(actionPrefix: "dataset."), before: nil, limit: 10)
        #expect(events.map(\.action) == ["dataset.delete", "dataset.add"])
        #expect(events.map(\.actorName) == ["ben", "ada"] && events[0].subject == "datasets/plants/versions/1")
    }

    @Test("what breaks a rule changes nothing", arguments: ["a b", "", "../x"])
    func refused(_ text: String) async throws {
        #expect(await world.refusal { _ = try await store.add(Self.draft(text), by: world.ada) } == .invalidArgument)
        #expect(
            await world.refusal {
                _ = try await store.add(Self.draft("ok", path: text == "a b" ? "/x" : text), by: world.ada)
            }
                == .invalidArgument)
        #expect(try await store.summaries(after: nil, limit: 10).isEmpty)
    }

    @Test("the digest is of the sorted list of files, whatever order they come in")
    func digest() {
        let files: [(path: String, bytes: Int64, digest: String)] = [("b", 2, "bb"), ("a", 1, "aa")]
        let expected = DatasetDigest.of(files)
        #expect(expected == DatasetDigest.of(files.reversed()) && expected.count == 64)
        // printf 'martlet-dataset-1\n[["a",1,"aa"],["b",2,"bb"]]' | sha256sum
        #expect(expected == "29401355cea8e7887e2e1d49adb755100a5355f8f79d87835a65856d92f94ff5")
        #expect(DatasetDigest.of([("a", 1, "aa")]) != expected)
    }
}
