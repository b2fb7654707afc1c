import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// Eight writers beside eight readers, for MARTLET_SOAK_SECONDS (script/soak: ten minutes). Beside hundreds of other tests it would
/// measure those.
@Suite(
    "Eight writers beside eight readers", .everyEngine, .namingEngine, .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["MARTLET_SOAK_SECONDS"] != nil, "script/soak runs it"))
struct MixedLoadTests {
    private static let seconds = Double(ProcessInfo.processInfo.environment["MARTLET_SOAK_SECONDS"] ?? "") ?? 2
    private static let each = 8
    /// The shortest run whose halves are compared.
    private static let comparedSeconds = 60.0
    /// SQLite's page caches, which fill as there is data for them: the writer's 64 MiB and 8 MiB of each of eight readers; and some more.
    private static let growthMebibytes = 64 + 8 * 8 + 16
    /// A tail below this may grow as it likes.
    private static let quietMilliseconds = 250.0

    /// Counts of latencies, so that they take no more memory the longer it runs: bins of 1/20 ms, up to a second and beyond.
    private struct Latencies: Sendable {
        private static let bins = 20_001
        private var counts = [Int](repeating: 0, count: bins)
        private(set) var count = 0

        mutating func add(_ milliseconds: Double) {
            counts[min(Self.bins - 1, Int(milliseconds * 20))] += 1
            count += 1
        }

        mutating func add(_ other: Latencies) {
            for (bin, more) in other.counts.enumerated() { counts[bin] += more }
            count += other.count
        }

        /// In milliseconds: the upper end of the bin.
        var p99: Double {
            var seen = 0
            for (bin, more) in counts.enumerated() {
                seen += more
                if seen * 100 >= count * 99 { return Double(bin + 1) / 20 }
            }
            return 0
        }
    }

    private struct Load: Sendable {
        var writes = Latencies()
        var reads = Latencies()
        var failures: [String] = []
    }

    @Test("nothing is refused, the tail stays where it was, and memory does not grow with the work")
    func mixed() async throws {
        let world = try TrackingWorld()
        let run = try await world.run()
        // Caches and pools fill first.
        _ = await Self.load(world, run: run.id, seconds: max(1, Self.seconds / 10), round: 0)
        let memoryBefore = try Self.residentMebibytes()
        let first = await Self.load(world, run: run.id, seconds: Self.seconds / 2, round: 1)
        let second = await Self.load(world, run: run.id, seconds: Self.seconds / 2, round: 2)
        let memoryAfter = try Self.residentMebibytes()
        #expect(first.failures + second.failures == [])
        #expect(first.writes.count > 0 && second.writes.count > 0 && first.reads.count > 0 && second.reads.count > 0)
        // Seconds on a busy machine have no tail to compare.
        for (before, after) in Self.seconds < Self.comparedSeconds
            ? [] : [(first.writes, second.writes), (first.reads, second.reads)]
        {
            let (old, new) = (before.p99, after.p99)
            #expect(new < max(old * 3, Self.quietMilliseconds), "p99 went from \(old) to \(new) ms")
        }
        #expect(memoryAfter - memoryBefore < Self.growthMebibytes, "from \(memoryBefore) to \(memoryAfter) MiB")
        let points = try await world.database.read {
            try $0.row("SELECT COUNT(*) AS n FROM metric_points WHERE run_id = $1", [.text(run.id)])?.int("n")
        }
        print(
            "\(TestEngine.current.rawValue): \(first.writes.count + second.writes.count) writes in \(Self.seconds) s, p99 \(first.writes.p99) then \(second.writes.p99) ms; \(first.reads.count + second.reads.count) reads, p99 \(first.reads.p99) then \(second.reads.p99) ms; \(memoryBefore) then \(memoryAfter) MiB"
        )
        #expect(points ?? 0 >= first.writes.count + second.writes.count)
    }

    private static func load(_ world: TrackingWorld, run: String, seconds: Double, round: Int) async -> Load {
        let end = ContinuousClock.now + .seconds(seconds)
        return await withTaskGroup(of: Load.self) { group in
            for worker in 0..<each {
                group.addTask {
                    var load = Load()
                    var step = 0
                    while ContinuousClock.now < end {
                        step += 1
                        let number = step
                        await Self.timed(&load.writes, &load.failures) {
                            try await world.database.write { sql in
                                try sql.execute(
                                    """
                                    INSERT INTO metric_points (run_id, key, timestamp, step, value, is_nan, logged_at)
                                    VALUES ($1, $2, $3, $4, $5, 0, 0)
                                    """,
                                    [
                                        .text(run), .text("m\(round)-\(worker)"), .integer(number), .integer(number),
                                        .real(0.5),
                                    ])
                            }
                        }
                    }
                    return load
                }
                group.addTask {
                    var load = Load()
                    while ContinuousClock.now < end {
                        await Self.timed(&load.reads, &load.failures) {
                            try await world.database.read { sql in
                                try sql.rows(
                                    "SELECT * FROM metric_points WHERE run_id = $1 ORDER BY key, step LIMIT 20",
                                    [.text(run)]
                                ).count
                            }
                        }
                    }
                    return load
                }
            }
            return await group.reduce(into: Load()) { all, one in
                all.writes.add(one.writes)
                all.reads.add(one.reads)
                all.failures += one.failures
            }
        }
    }

    private static func timed(
        _ latencies: inout Latencies, _ failures: inout [String], _ body: () async throws -> Int
    ) async {
        let start = ContinuousClock.now
        do {
            _ = try await body()
            let passed = ContinuousClock.now - start
            latencies.add(
                Double(passed.components.seconds) * 1_000 + Double(passed.components.attoseconds) / 1e15)
        } catch {
            failures.append("\(error)")
        }
    }

    private static func residentMebibytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) / 1_024
    }
}
