import Domain
import TestSupport
import Testing

@testable import Storage

@Suite("Batches of metrics on their way into the tables", .everyEngine, .namingEngine)
struct MetricInboxTests {
    let world: TrackingWorld
    var inbox: MetricInbox { MetricInbox(database: world.database, clock: world.clock) }

    init() throws { world = try TrackingWorld() }

    private func point(_ key: String, _ value: Double, step: Int64 = 0, time: Int64 = 1) -> MetricPoint {
        MetricPoint(key: key, value: value, timestamp: Timestamp(milliseconds: time), step: step)
    }

    private func batch(step: Int64, time: Int64 = 1, add: Double = 0) -> [MetricPoint] {
        (0..<20).map { point("m\($0)", Double($0) + add, step: step, time: time) }
    }

    private func count(_ table: String) async throws -> Int {
        try await world.database.read { try $0.row("SELECT COUNT(*) AS n FROM \(table)")?.int("n") ?? -1 }
    }

    private func log(_ run: Run, _ points: [MetricPoint]) async throws {
        try await world.runs.log(run.id, metrics: points, params: [], tags: [])
    }

    @Test("a batch is one row, and every reader sees its points")
    func readers() async throws {
        let run = try await world.run("a")
        try await log(run, batch(step: 1))
        #expect(try await count("metric_inbox") == 1)
        #expect(try await count("metric_points") == 0)
        let latest = try await world.runs.run(run.id).metrics
        #expect(latest.map(\.key) == (0..<20).map { "m\($0)" }.sorted() && latest.allSatisfy { $0.step == 1 })
        #expect(try await count("metric_inbox") == 1)
        let history = try await world.runs.history(run.id, key: "m3", limit: 10, offset: 0).items
        #expect(history.map(\.value) == [3])
        #expect(try await count("metric_inbox") == 0)
        #expect(try await count("metric_points") == 20)

        try await log(run, batch(step: 2, add: 100))
        #expect(try await world.runs.histories([run.id], key: "m3", limit: 10).map(\.point.value) == [3, 103])
        try await log(run, batch(step: 3, add: 200))
        let samples = try await world.runs.samples([run.id], key: "m3", steps: nil, limit: 10)
        #expect(samples.map(\.point.value) == [3, 103, 203])
        try await log(run, batch(step: 4, add: 300))
        let found = try await world.runs.search(
            experimentIDs: ["0"],
            filter: SearchFilter([.init(entity: .metric, key: "m3", operation: .greater, value: .number(302))]),
            order: [SearchOrder(entity: .metric, key: "m4", ascending: false)], view: .activeOnly, limit: 5, offset: 0)
        #expect(found.items.map(\.id) == [run.id])
        #expect(found.items.first?.metrics.first { $0.key == "m3" }?.value == 303)
    }

    @Test("a filter that names a metric within an alternative sees what waits")
    func alternatives() async throws {
        let run = try await world.run("a")
        try await log(run, batch(step: 1))
        let high = SearchFilter([.init(entity: .metric, key: "m3", operation: .greater, value: .number(2))])
        let never = SearchFilter([.init(entity: .param, key: "p", operation: .equal, value: .string("none"))])
        let found = try await world.runs.search(
            experimentIDs: ["0"], filter: SearchFilter([], alternatives: [[never, high]]), order: [], view: .activeOnly,
            limit: 5, offset: 0)
        #expect(found.items.map(\.id) == [run.id])
    }

    @Test(
        "the latest value is the same whether it is read before, between or after: larger step, then time, then value")
    func latest() async throws {
        let run = try await world.run("a")
        var batches: [[MetricPoint]] = []
        for (step, time, add) in [(5, 1, 0), (5, 2, -50), (5, 2, 50), (4, 9, 900), (5, 1, 70)] {
            batches.append(batch(step: Int64(step), time: Int64(time), add: Double(add)))
        }
        batches[1][7].value = .nan
        batches[2][8].value = .infinity
        batches[2][9].value = -.infinity
        // The same points singly, which take the direct way.
        let other = try await world.run("b")
        for points in batches {
            for point in points { try await log(other, [point]) }
            try await log(run, points)
            let (mine, its) = (try await world.runs.run(run.id).metrics, try await world.runs.run(other.id).metrics)
            #expect(mine.map(\.key) == its.map(\.key))
            for (mine, its) in zip(mine, its) {
                #expect(mine.value == its.value || (mine.value.isNaN && its.value.isNaN), "\(mine) \(its)")
                #expect(mine.step == its.step && mine.timestamp == its.timestamp)
            }
            if points[0].step == 4 { try await inbox.settle(.runs([run.id])) }
        }
        try await inbox.settle(.experiments([0]))
        #expect(try await count("metric_inbox") == 0)
        for key in ["m0", "m7", "m8", "m9"] {
            let mine = try await world.runs.history(run.id, key: key, limit: 99, offset: 0).items
            let its = try await world.runs.history(other.id, key: key, limit: 99, offset: 0).items
            #expect(mine.count == its.count && mine.map(\.step) == its.map(\.step), "\(key)")
            #expect(mine.map(\.value.bitPattern) == its.map(\.value.bitPattern), "\(key)")
        }
    }

    @Test("points that come twice are kept once; others keep their time of logging")
    func repeated() async throws {
        let run = try await world.run("a")
        try await log(run, batch(step: 1))
        let first = world.clock.now()
        world.clock.advance(seconds: 2)
        try await log(run, batch(step: 1) + [point("new", 1)])
        try await inbox.settle(.runs([run.id, "none"]))
        #expect(try await count("metric_points") == 21)
        let times = try await world.database.read {
            try $0.rows("SELECT DISTINCT logged_at FROM metric_points ORDER BY logged_at").map {
                try $0.integer("logged_at")
            }
        }
        #expect(times == [first.milliseconds, first.milliseconds + 2_000])
    }

    @Test("batches are sorted in by themselves once they have waited, many runs at a time")
    func follows() async throws {
        for number in 0..<70 {
            let run = try await world.run("r\(number)")
            try await log(run, batch(step: 1))
            if number % 2 == 0 { try await log(run, batch(step: 2)) }
        }
        #expect(try await inbox.followSome() == false)
        world.clock.advance(seconds: 6)
        var rounds = 0
        while try await inbox.followSome() { rounds += 1 }
        #expect(rounds > 1 && rounds < 30)
        #expect(try await count("metric_inbox") == 0)
        #expect(try await count("metric_points") == 105 * 20)
        #expect(try await count("latest_metrics") == 70 * 20)
        #expect(try await inbox.followSome(everything: true) == false)
    }

    @Test("few points, and those of a model, take the direct way")
    func direct() async throws {
        let run = try await world.run("a")
        try await log(run, Array(batch(step: 1).prefix(MetricInbox.pointsMin - 1)))
        var points = batch(step: 2)
        points[3].datasetName = "d"
        try await log(run, points)
        #expect(try await count("metric_inbox") == 0)
    }

    @Test("a batch's bytes read back the same, and others are refused")
    func bytes() throws {
        let mixed = [
            point("a", .nan, step: -1), point("\u{E9}/b c", -0.0, step: .max, time: 0), point("a", 1e300, time: .max),
        ]
        for points in [mixed, batch(step: 7), [point("x", 1)]] {
            let bytes = MetricBatch.encode(points)
            let read = try MetricBatch.decode(bytes)
            #expect(read.map(\.value.bitPattern) == points.map(\.value.bitPattern))
            #expect(
                read.map { [$0.step, $0.timestamp.milliseconds] }
                    == points.map { [$0.step, $0.timestamp.milliseconds] })
            #expect(read.map(\.key) == points.map(\.key))
            for count in 0..<bytes.count {
                #expect(throws: StorageError.self) { try MetricBatch.decode(Array(bytes.prefix(count))) }
            }
            #expect(throws: StorageError.self) { try MetricBatch.decode(bytes + [0]) }
        }
    }
}
