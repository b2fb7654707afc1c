import Domain
import Foundation
import Logging
import Storage
import TestSupport
import Testing

/// The engine that a test's databases are on.
enum TestEngine: String, CaseIterable {
    case sqlite = "SQLite"
    case postgresql = "PostgreSQL"

    @TaskLocal static var current = TestEngine.sqlite

    /// Those that this machine has; says once what is missing.
    static let available: [TestEngine] = {
        guard case .failure(let reason) = PostgreSQLCluster.shared else { return allCases }
        print("The stores are not tested on PostgreSQL: \(reason)")
        return [.sqlite]
    }()
}

/// Runs every test of a suite once an engine; issues name it.
struct EveryEngine: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for engine in TestEngine.available {
            try await TestEngine.$current.withValue(engine) { try await function() }
        }
    }
}

extension Trait where Self == EveryEngine {
    /// Runs the test on SQLite and on PostgreSQL.
    static var everyEngine: Self { Self() }
}

extension Trait where Self == IssueHandlingTrait {
    /// Says with each issue on which engine it came up.
    static var namingEngine: Self {
        .compactMapIssues { issue in
            var issue = issue
            issue.comments.append("on \(TestEngine.current.rawValue)")
            return issue
        }
    }
}

extension Database {
    /// A database of a test on the engine at hand. The same path is the same database.
    static func test(_ path: String, migrations: [Migration], clock: any WallClock) throws -> Database {
        switch TestEngine.current {
        case .sqlite: return try Database(path: path, migrations: migrations, clock: clock)
        case .postgresql:
            // Not as a Swift hash, which differs from run to run.
            let hash = path.utf8.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
            return try Database(
                postgresql: PostgreSQLAddress(PostgreSQLCluster.shared.get().url()),
                schema: "t_" + String(hash, radix: 16), migrations: migrations, clock: clock,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
    }
}
