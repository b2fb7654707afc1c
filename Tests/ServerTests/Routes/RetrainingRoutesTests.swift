import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Lifecycle
import Logging
import Storage
import TestSupport
import Testing

@testable import Server

@Suite("Routes of retraining, over the real store")
struct RetrainingRoutesTests {
    /// A guest that ends at once, and what it asks.
    struct World: GuestRunner, NarrowKeyIssuing, RetrainingDataSource {
        var runsOthersCode = true
        func run(_ command: GuestCommand) async throws -> GuestResult {
            GuestResult(
                ending: .exited(0), standardOutput: "trained", standardError: "", outputs: [:], wallSeconds: 1,
                memoryBytesPeak: 1, confinement: "as user 61184")
        }
        func issueNarrowKey(
            model: String, purpose: String, validSeconds: Int, actor: Principal
        ) async throws -> IssuedKey {
            IssuedKey(
                key: APIKey(
                    id: "k", principalID: Principal.retraining.id, principalName: "retraining", label: purpose,
                    onlyModel: model, createdAt: Timestamp(milliseconds: 0), expiresAt: nil), text: "secret")
        }
        func revokeNarrowKey(id: String, actor: Principal) async throws {}
        func dataset(model: String) async throws -> RetrainingDataset {
            RetrainingDataset(csv: [], rows: 0, digest: "d")
        }
    }

    let clock = ManualClock()
    let parts: RetrainingParts
    let logger = Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() })
    static let olga = Principal(id: .init(rawValue: "p1"), name: "olga", roles: [.operator])

    init() async throws {
        let folder = NSTemporaryDirectory() + "martlet-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try Database(path: folder + "/r.db", migrations: Migrations.registry, clock: clock)
        let policies = PolicyStore(database: database, clock: clock)
        var policy = Policy(model: "wear out", owner: "o", purpose: "p", task: .regression)
        policy.retraining = RetrainingRule(command: ["/bin/true"])
        _ = try await policies.apply(policy, document: "", by: Self.olga) { _, _ in [] }
        let store = RetrainingStore(database: database, clock: clock)
        let world = World()
        parts = RetrainingParts(
            store: store,
            service: RetrainingService(
                policies: policies, runs: store,
                child: RetrainingChild(
                    runner: world, keys: world, data: world,
                    registry: RegistryReader(
                        database: database,
                        artifacts: ArtifactStore(
                            database: database, clock: clock, blobs: try BlobStore(root: folder + "/artifacts")),
                        clock: clock), serverURL: { "http://here" }, readablePaths: []), clock: clock,
                logger: logger))
    }

    private func application(_ principal: Principal?) -> some ApplicationProtocol {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware { ErrorMiddleware(logger: logger) }
        if let principal { router.addMiddleware { RolloutRoutesTests.Someone(principal: principal) } }
        RetrainingRoutes.add(to: router, retraining: parts)
        return Application(router: router)
    }

    @Test("started, listed by page and by model, and shown with its log")
    func wholeWay() async throws {
        try await application(Self.olga).test(.router) { client in
            func call(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws
                -> (Int, JSONValue)
            {
                try await client.execute(
                    uri: "/api/v1/retraining" + path, method: method, body: body.map { ByteBuffer(string: $0) }
                ) { (Int($0.status.code), try RolloutRoutesTests.json($0)) }
            }
            func ended(_ id: Int) async throws -> JSONValue {
                for _ in 0..<2_000 {
                    let run = try await call(.get, "/\(id)").1
                    if run["state"] != "running" { return run }
                    try await Task.sleep(for: .milliseconds(5))
                }
                throw MartletError(.deadlineExceeded, "It did not end within ten seconds.")
            }
            let first = try await call(.post, "", #"{"model": "wear out", "reason": "spring"}"#)
            #expect(first.0 == 201 && first.1["id"] == 1 && first.1["started_by"] == "olga")
            let run = try await ended(1)
            #expect(run["state"] == "succeeded" && run["exit_code"] == 0 && run["reason"] == "spring")
            #expect(run["log_tail"]?.stringValue?.contains("trained") == true && run["dataset_rows"] == 0)
            #expect(try await call(.post, "", #"{"model": "wear out"}"#).1["reason"] == "No reason was given.")
            _ = try await ended(2)
            let page = try await call(.get, "?limit=1").1
            #expect(page["items"]?.arrayValue?.map { $0["id"] } == [2] && page["next_page_token"] == "2")
            let rest = try await call(.get, "?limit=9&page_token=2").1
            #expect(rest["items"]?.arrayValue?.map { $0["id"] } == [1] && rest["next_page_token"] == nil)
            #expect(try await call(.get, "?model=other").1["items"]?.arrayValue == [])
        }
    }

    @Test("who may not, and what cannot be understood, is refused and leaves no run")
    func refusals() async throws {
        let dana = Principal(id: .init(rawValue: "p2"), name: "dana", roles: [.contributor])
        let calls: [(Principal?, HTTPRequest.Method, String, String, Int)] = [
            (dana, .post, "", #"{"model": "wear out"}"#, 403), (nil, .post, "", #"{"model": "wear out"}"#, 401),
            (nil, .get, "", "", 401), (nil, .get, "/1", "", 401), (Self.olga, .post, "", "{}", 400),
            (Self.olga, .post, "", #"{"model": 7}"#, 400), (Self.olga, .post, "", #"{"model": "#, 400),
            (Self.olga, .post, "", #"{"model": "none"}"#, 409),
            (Self.olga, .post, "", #"{"model": "wear out", "reason": ["x"]}"#, 400), (Self.olga, .get, "/x", "", 404),
            (Self.olga, .get, "/9", "", 404), (Self.olga, .get, "?limit=0", "", 400),
            (Self.olga, .get, "?page_token=x", "", 400),
        ]
        for (principal, method, path, body, expected) in calls {
            try await application(principal).test(.router) { client in
                let status = try await client.execute(
                    uri: "/api/v1/retraining" + path, method: method, body: ByteBuffer(string: body)
                ) { Int($0.status.code) }
                #expect(status == expected, "\(method) \(path) \(body)")
            }
        }
        #expect(try await parts.store.runs(model: nil, before: nil, limit: 9).isEmpty)
    }
}
