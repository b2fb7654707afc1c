import Domain
import TestSupport
import Testing

@testable import Storage

@Suite("Windows, outcomes and references", .everyEngine, .namingEngine)
struct ObservationStoreTests {
    private let folder: TemporaryFolder
    private let database: Database
    private let windows: SQLWindowStore
    private let outcomes: SQLOutcomeStore

    init() throws {
        folder = try TemporaryFolder()
        database = try Database.test(
            folder.path + "/observations.db", migrations: Migrations.observations, clock: ManualClock())
        windows = SQLWindowStore(database: database)
        // The ids of these tests are their times.
        outcomes = SQLOutcomeStore(database: database) { Int64($0.rawValue).map(Timestamp.init(milliseconds:)) }
    }

    private func partial(_ version: Int, _ start: Int64) -> PartialWindow {
        var partial = PartialWindow(
            endpoint: "e", version: version, role: .champion, start: Timestamp(milliseconds: start),
            end: Timestamp(milliseconds: start + 1_000))
        partial.requests = 3
        partial.latency = [12: 3]
        partial.features = [PartialWindow.Column(binCount: 4)]
        partial.predictionCounts = ["a \"quoted\" class": 2]
        return partial
    }

    @Test("partials come back whole, by time and version, are compacted and pruned")
    func partials() async throws {
        let all = [partial(1, 1_000), partial(1, 2_000), partial(2, 2_000), partial(1, 3_000)]
        try await windows.append(all)
        let from = Timestamp(milliseconds: 1_000)
        let to = Timestamp(milliseconds: 3_000)
        #expect(try await windows.partials(endpoint: "e", version: 1, from: from, to: to) == [all[0], all[1]])
        #expect(try await windows.partials(endpoint: "e", version: nil, from: from, to: to).count == 3)
        try await windows.compact(from: from, to: to, into: [partial(1, 1_000)])
        #expect(
            try await windows.partials(endpoint: "e", version: nil, from: from, to: Timestamp(milliseconds: .max)).count
                == 2)
        #expect(try await windows.prune(partialsBefore: to, summariesBefore: from) == 1)
    }

    @Test("windows and quality reports are replaced in place and listed oldest first, the newest kept by the limit")
    func summaries() async throws {
        for start in [10, 20, 30, 30] as [Int64] {
            try await windows.save(
                WindowSummary(
                    endpoint: "e", version: 1, role: .champion, start: Timestamp(milliseconds: start),
                    end: Timestamp(milliseconds: start + 10), requests: Int(start), errors: 0, rejected: 0,
                    p50Milliseconds: 1, p99Milliseconds: nil, profile: nil, verdicts: []))
            try await windows.save(
                QualityReport(
                    endpoint: "e", version: 1, time: Timestamp(milliseconds: start), labels: 1, metrics: ["f1": 0.5],
                    kpis: [:]))
        }
        let from = Timestamp(milliseconds: 0)
        #expect(
            try await windows.summaries(endpoint: "e", version: 1, from: from, limit: 2).map(\.requests) == [20, 30])
        #expect(
            try await windows.qualityReports(endpoint: "e", from: from, limit: 9).map(\.time.milliseconds) == [
                10, 20, 30,
            ])
        #expect(try await windows.prune(partialsBefore: from, summariesBefore: Timestamp(milliseconds: 25)) == 4)
    }

    private func outcome(_ time: Int64, row: Int = 0, version: Int = 1, key: String? = nil) -> PredictionOutcome {
        PredictionOutcome(
            predictionID: PredictionID(rawValue: "\(time)"), row: row, endpoint: "e", version: version, role: .shadow,
            time: Timestamp(milliseconds: time), predicted: "é\(row)", score: row == 0 ? nil : -0.5, businessKey: key)
    }

    @Test("outcomes are found by id and by business key, once, and go by age")
    func outcomesByID() async throws {
        let rows = [outcome(5), outcome(5, row: 1), outcome(5, row: 2, key: "k")]
        try await outcomes.append(rows)
        try await outcomes.append(rows)
        let found = try await outcomes.outcomes(of: [PredictionID(rawValue: "5")])
        #expect(Set(found) == Set(rows))
        #expect(found.count == 3)
        #expect(try await outcomes.outcomes(endpoint: "e", businessKeys: ["k", "x"]) == [rows[2]])
        #expect(try await outcomes.outcomes(endpoint: "f", businessKeys: ["k"]).isEmpty)
        #expect(try await outcomes.outcomes(of: []).isEmpty)
        #expect(try await outcomes.outcomes(of: [PredictionID(rawValue: "no time")]).isEmpty)
        #expect(try await outcomes.pruneOutcomes(before: Timestamp(milliseconds: 5)) == 0)
        // What was appended twice is there twice where it has no business key.
        #expect(try await outcomes.pruneOutcomes(before: Timestamp(milliseconds: 6)) == 5)
        #expect(try await outcomes.outcomes(of: [PredictionID(rawValue: "5")]).isEmpty)
    }

    @Test("every one of many outcomes is found in its block, whatever their order, versions and times")
    func blocks() async throws {
        let times = (0..<5_000).map { Int64(1_000_000 + $0 * 3) } + [1, 7_000_000]
        let all = times.shuffled().flatMap { time in
            [outcome(time, version: Int(time % 3)), outcome(time, row: 1, version: Int(time % 3))]
        }
        try await outcomes.append(all)
        let wanted = times.enumerated().filter { $0.offset.isMultiple(of: 11) || $0.offset >= 4_999 }.map(\.element)
        var found: Set<PredictionOutcome> = []
        for start in stride(from: 0, to: wanted.count, by: 100) {
            let ids = wanted[start..<min(start + 100, wanted.count)].map { PredictionID(rawValue: "\($0)") }
            found.formUnion(try await outcomes.outcomes(of: ids))
        }
        #expect(found == Set(all.filter { Set(wanted).contains($0.time.milliseconds) }))
        let count = try await database.read { try $0.row("SELECT COUNT(*) AS n FROM outcome_blocks")?.int("n") }
        #expect((count ?? 0) < 40)
    }

    @Test("outcomes that were stored as rows before there were blocks are found")
    func rowsOfBefore() async throws {
        _ = try await database.write { sql in
            try sql.execute(
                """
                INSERT INTO outcomes (prediction_id, row_number, endpoint, version, role, time, predicted, score)
                VALUES ('9', 0, 'e', 1, 'shadow', 9, 'é0', NULL)
                """)
        }
        #expect(try await outcomes.outcomes(of: [PredictionID(rawValue: "9")]) == [outcome(9)])
    }

    @Test("a block that was changed is refused")
    func brokenBlock() throws {
        let block = try #require(OutcomeBlock.blocks(of: [outcome(5, row: 1)]).first)
        for body in [[], [2] + block.body.dropFirst(), Array(block.body.dropLast())] as [[UInt8]] {
            let broken = OutcomeBlock(
                endpoint: "e", version: 1, role: .shadow, first: block.first, last: block.last, rowCount: 1, body: body)
            #expect(throws: StorageError.self) { try broken.outcomes(of: [PredictionID(rawValue: "5")]) }
        }
    }

    @Test("a reference comes back whole and is replaced")
    func references() async throws {
        let registry = try Database.test(
            folder.path + "/registry.db", migrations: Migrations.registry, clock: ManualClock())
        let store = SQLReferenceProfileStore(database: registry)
        let id = ModelVersionID(model: "m", version: 3)
        var reference = ReferenceProfile(
            version: id, origin: .trainingData, predictionOrigin: nil, detail: "d",
            profile: Profile(
                rows: 2,
                features: [
                    FeatureProfile(name: "x", bins: .numeric(edges: [0.1, 1e300]), counts: [1, 1, 0], mean: -0.5)
                ],
                prediction: FeatureProfile(name: "y", bins: .categorical(categories: ["é"]), counts: [2, 0])),
            builtAt: Timestamp(milliseconds: 7))
        #expect(try await store.referenceProfile(id) == nil)
        try await store.save(reference)
        reference.detail = "e"
        try await store.save(reference)
        #expect(try await store.referenceProfile(id) == reference)
    }
}
