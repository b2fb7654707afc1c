import Domain
import Storage
import TestSupport
import Testing

@Suite("Runs in the order of a metric, by its index", .everyEngine, .namingEngine)
struct MetricIndexTests {
    let world: TrackingWorld
    var index: MetricIndex { MetricIndex(database: world.database, clock: world.clock) }

    init() throws { world = try TrackingWorld() }

    /// What a run was given, and so where it must stand.
    private struct Given {
        var id: String
        var auc: Double?
        var loss: Double?
        var kind: String
    }

    /// Runs with few different values, so that many tie; every seventh has NaN, every fifth none.
    private func fill(_ count: Int, from first: Int = 0) async throws -> [Given] {
        var given: [Given] = []
        for number in first..<(first + count) {
            let run = try await world.run("r\(number)")
            let auc: Double? = number % 5 == 4 ? nil : number % 7 == 6 ? .nan : Double(number * 37 % 8) / 8
            let loss: Double? = number % 3 == 0 ? nil : Double(number * 17 % 5)
            let points = [("auc", auc), ("loss", loss)].compactMap { key, value in
                value.map { MetricPoint(key: key, value: $0, timestamp: Timestamp(milliseconds: 1), step: 0) }
            }
            let kind = number % 2 == 0 ? "forest" : "linear"
            try await world.runs.log(run.id, metrics: points, params: [("kind", kind)], tags: [])
            given.append(Given(id: run.id, auc: auc, loss: loss, kind: kind))
            world.clock.advance(seconds: 0.001)
        }
        return given
    }

    private func rank(_ value: Double?, _ ascending: Bool) -> (Int, Double) {
        guard let value else { return (2, 0) }
        return value.isNaN ? (1, 0) : (0, ascending ? value : -value)
    }

    /// By auc, then loss upwards, then newest first.
    private func expected(_ given: [Given], ascending: Bool) -> [String] {
        given.enumerated().sorted { left, right in
            let (a, b) = (rank(left.element.auc, ascending), rank(right.element.auc, ascending))
            if a != b { return a < b }
            let (c, d) = (rank(left.element.loss, true), rank(right.element.loss, true))
            return c != d ? c < d : left.offset > right.offset
        }.map(\.element.id)
    }

    private func found(
        _ comparisons: [SearchFilter.Comparison], ascending: Bool, page: Int
    ) async throws -> [String] {
        var ids: [String] = []
        var offset: Int? = 0
        while let start = offset {
            let result = try await world.runs.search(
                experimentIDs: ["0"], filter: SearchFilter(comparisons),
                order: [
                    SearchOrder(entity: .metric, key: "auc", ascending: ascending),
                    SearchOrder(entity: .metric, key: "loss", ascending: true),
                ], view: .activeOnly, limit: page, offset: start)
            ids += result.items.map(\.id)
            offset = result.nextOffset
        }
        return ids
    }

    private func check(_ given: [Given], _ when: Comment) async throws {
        let high = SearchFilter.Comparison(entity: .metric, key: "auc", operation: .greater, value: .number(0.4))
        let forest = SearchFilter.Comparison(entity: .param, key: "kind", operation: .equal, value: .string("forest"))
        for ascending in [true, false] {
            for page in [7, 1_000] {
                #expect(
                    try await found([], ascending: ascending, page: page) == expected(given, ascending: ascending), when
                )
                #expect(
                    try await found([high], ascending: ascending, page: page)
                        == expected(given.filter { ($0.auc ?? 0) > 0.4 }, ascending: ascending), when)
                #expect(
                    try await found([forest, high], ascending: ascending, page: page)
                        == expected(
                            given.filter { ($0.auc ?? 0) > 0.4 && $0.kind == "forest" }, ascending: ascending), when)
            }
        }
    }

    @Test("before the index follows, after it has, and while some runs are ahead of it")
    func order() async throws {
        var given = try await fill(40)
        try await check(given, "all pending")
        #expect(try await index.followSome() == false)
        try await check(given, "pending, for they are young")
        world.clock.advance(seconds: 10)
        while try await index.followSome() {}
        try await check(given, "all indexed")
        given += try await fill(20, from: 40)
        try await check(given, "some pending")
        // Values move after they were indexed: the old entry must not be believed.
        for place in [0, 3, 41] {
            let point = MetricPoint(key: "auc", value: 0.99, timestamp: Timestamp(milliseconds: 2), step: 1)
            try await world.runs.log(given[place].id, metrics: [point], params: [], tags: [])
            given[place].auc = 0.99
        }
        try await check(given, "some moved")
        while try await index.followSome(everything: true) {}
        try await check(given, "all followed")
    }

    @Test("deleted runs are not found, and other experiments' runs are not looked at")
    func scope() async throws {
        let given = try await fill(10)
        let other = try await world.experiments.create(
            name: "other", artifactLocation: nil, tags: [:], by: world.ada)
        let run = try await world.run("elsewhere", experiment: other)
        try await world.runs.log(
            run.id, metrics: [MetricPoint(key: "auc", value: 9, timestamp: Timestamp(milliseconds: 1), step: 0)],
            params: [], tags: [])
        try await world.runs.setDeleted(true, id: given[1].id, by: world.ada)
        let left = given.filter { $0.id != given[1].id }
        // Time stands still here, so ties are told apart by what `fill` advanced.
        #expect(try await found([], ascending: false, page: 3) == expected(left, ascending: false))
        while try await index.followSome(everything: true) {}
        #expect(try await found([], ascending: false, page: 3) == expected(left, ascending: false))
    }
}
