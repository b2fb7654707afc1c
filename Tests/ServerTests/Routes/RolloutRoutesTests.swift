import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Lifecycle
import Logging
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite("Routes of endpoints and rollouts, over the real stores")
struct RolloutRoutesTests {
    final class World: RolloutEvidenceSource, SnapshotReceiver, PreparedVersionReading {
        let candidate = Mutex(RolloutEvidence.Side(requests: 0))
        let served = Mutex<EndpointSnapshot?>(nil)
        func evidence(endpoint: String, candidate: Int, champion: Int?, since: Timestamp) async throws
            -> RolloutEvidence
        {
            RolloutEvidence(
                candidate: self.candidate.withLock { $0 }, champion: .init(requests: 500), predictionPSI: nil)
        }
        func apply(_ snapshot: EndpointSnapshot) async throws { served.withLock { $0 = snapshot } }
        func servableVersions() async throws -> [ServableVersion] { [] }
        func unservable() async throws -> [VersionPreparation] { [] }
    }

    struct Someone: RouterMiddleware {
        let principal: Principal
        func handle(
            _ request: Request, context: MartletRequestContext,
            next: (Request, MartletRequestContext) async throws -> Response
        ) async throws -> Response {
            var context = context
            context.principal = principal
            return try await next(request, context)
        }
    }

    let world = World()
    let clock = ManualClock()
    let registry: RegistryStore
    let parts: RolloutParts
    let logger = Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() })

    init() async throws {
        let folder = NSTemporaryDirectory() + "martlet-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try Database(path: folder + "/r.db", migrations: Migrations.registry, clock: clock)
        registry = RegistryStore(database: database, clock: clock)
        _ = try await registry.create(name: "wear out", description: nil, tags: [:], by: .developer)
        _ = try await database.write { sql in
            try sql.execute(
                """
                INSERT INTO model_versions (name, version, created_at, updated_at, stage, source, artifact_root,
                    created_by, created_by_name)
                VALUES ('wear out', 1, 0, 0, 'None', 's', 'r', 'p', 'p'),
                    ('wear out', 2, 0, 0, 'None', 's', 'r', 'p', 'p')
                """)
        }
        let policy: @Sendable (String) async throws -> PolicyVersion? = { model in
            PolicyVersion(
                model: model, version: 1,
                policy: Policy(model: model, owner: "o", purpose: "p", task: .regression), document: "",
                state: .inForce, author: Principal.ID(rawValue: "a"), authorName: "a",
                appliedAt: Timestamp(milliseconds: 0), loosens: [])
        }
        let store = RolloutStore(database: database, clock: clock)
        let publisher = SnapshotPublisher(
            endpoints: EndpointStore(database: database), preparations: world, policy: policy, receiver: world,
            logger: logger)
        let gate = RolloutGate(
            policy: policy, isApproved: { _ in true },
            preparation: {
                VersionPreparation(id: $0, state: .servable, detail: "", preparedAt: Timestamp(milliseconds: 0))
            }, signatures: AnySignature())
        parts = RolloutParts(
            store: store, publisher: publisher,
            controller: RolloutController(
                gate: gate, rollouts: store, evidence: world, publisher: publisher, clock: clock, logger: logger))
    }

    func application(_ principal: Principal) -> some ApplicationProtocol {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware {
            ErrorMiddleware(logger: logger)
            Someone(principal: principal)
        }
        EndpointRoutes.add(to: router, rollouts: parts)
        RolloutRoutes.add(to: router, rollouts: parts)
        return Application(router: router)
    }

    static func json(_ response: TestResponse) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(String(buffer: response.body).utf8))
    }

    @Test("from the first start to a rollback by a guardrail, in the API's own words")
    func wholeWay() async throws {
        let olga = Principal(id: .init(rawValue: "p1"), name: "olga", roles: [.operator])
        try await application(olga).test(.router) { client in
            func call(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws
                -> (Int, JSONValue)
            {
                try await client.execute(
                    uri: "/api/v1/" + path, method: method, body: body.map { ByteBuffer(string: $0) }
                ) { (Int($0.status.code), try Self.json($0)) }
            }
            let first = try await call(.post, "rollouts", #"{"model": "wear out", "version": 1}"#)
            #expect(first.0 == 201 && first.1["state"] == "promoted" && first.1["candidate"] == 1)
            #expect(try await registry.model("wear out").aliases == ["champion": 1])
            let second = try await call(.post, "rollouts", #"{"model": "wear out", "version": 2}"#)
            #expect(second.1["state"] == "progressing" && second.1["step_started_at"] != nil)
            #expect(try await call(.post, "rollouts", #"{"model": "wear out", "version": 2}"#).0 == 409)
            let paused = try await call(.post, "rollouts/2/pause", #"{"reason": "look"}"#)
            #expect(paused.0 == 200 && paused.1["reason"] == "look")
            #expect(try await call(.post, "rollouts/2/resume").1["state"] == "progressing")
            let endpoint = try await call(.get, "endpoints/wear%20out").1
            #expect(endpoint["variants"]?.arrayValue?.last?["role"] == "shadow" && endpoint["rollout_id"] == 2)

            world.candidate.withLock { $0 = .init(requests: 100, errors: 50) }
            try await parts.controller.evaluate()
            let detail = try await call(.get, "rollouts/2").1
            #expect(detail["state"] == "rolled_back")
            #expect(detail["reason"]?.stringValue?.contains("50 %") == true)
            let kinds = detail["events"]?.arrayValue?.compactMap { $0["kind"]?.stringValue }
            #expect(kinds == ["started", "step", "paused", "resumed", "rolled_back"])
            #expect(detail["events"]?.arrayValue?.last?["evidence"]?["candidate"]?["errors"] == 50)
            #expect(try await registry.model("wear out").aliases == ["champion": 1])
            #expect(world.served.withLock { $0?.endpoints.first?.variants.map(\.version) } == [1])

            let page = try await call(.get, "rollouts?limit=1").1
            #expect(page["items"]?.arrayValue?.count == 1 && page["next_page_token"] == "2")
            #expect(try await call(.get, "endpoints").1["items"]?.arrayValue?.count == 1)
        }
    }

    @Test("what cannot be understood, or is not allowed, is refused and changes nothing")
    func refusals() async throws {
        let viewer = Principal(id: .init(rawValue: "p2"), name: "vera", roles: [.viewer])
        try await application(viewer).test(.router) { client in
            let calls: [(HTTPRequest.Method, String, String, Int)] = [
                (.post, "rollouts", #"{"model": "wear out", "version": 1}"#, 403),
                (.post, "rollouts/1/abort", "{}", 403),
                (.post, "rollouts", #"{"model": "wear out"}"#, 400), (.post, "rollouts", #"{"version": 1}"#, 400),
                (.post, "rollouts", #"{"model": "wear out", "version": 1.5}"#, 400),
                (.post, "rollouts", #"{"model": "#, 400), (.post, "rollouts/1/pause", #"{"reason": 5}"#, 400),
                (.get, "rollouts/x", "", 404), (.get, "rollouts/9", "", 404), (.get, "rollouts?limit=0", "", 400),
                (.get, "endpoints/none", "", 404),
            ]
            for (method, path, body, expected) in calls {
                let status = try await client.execute(
                    uri: "/api/v1/" + path, method: method, body: ByteBuffer(string: body)
                ) { Int($0.status.code) }
                #expect(status == expected, "\(method) \(path) \(body)")
            }
        }
        #expect(try await parts.store.rollouts(endpoint: nil, before: nil, limit: 9).isEmpty)
    }
}
