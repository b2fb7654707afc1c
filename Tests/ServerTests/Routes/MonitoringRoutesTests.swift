import Domain
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Monitoring
import Storage
import TestSupport
import Testing

@testable import Server

@Suite("Routes of feedback, alerts, monitoring and metrics")
struct MonitoringRoutesTests {
    /// Opens ids of the form `ours-<endpoint id>`.
    struct Ids: PredictionIDSealing {
        func seal(_ origin: PredictionOrigin) -> PredictionID { PredictionID(rawValue: "ours-\(origin.endpointID)") }
        func open(_ id: PredictionID) throws(MartletError) -> PredictionOrigin {
            guard id.rawValue.hasPrefix("ours-"), let endpoint = Int64(id.rawValue.dropFirst(5)) else {
                throw MartletError.invalid("The prediction id was not made by this server.", field: "prediction_id")
            }
            return PredictionOrigin(
                endpointID: endpoint, version: 1, policyVersion: 0, rolloutID: 0, rolloutStep: 0,
                time: Timestamp(milliseconds: 1))
        }
    }
    struct NoRegistry: RegistryReading, ArtifactReading, WebhookPosting {
        func versionRecord(_ id: ModelVersionID) async throws -> VersionRecord { throw MartletError.notFound("none") }
        func version(model: String, alias: String) async throws -> Int? { nil }
        func versionRecords(model: String) async throws -> [VersionRecord] { [] }
        func runRecord(_ runID: String) async throws -> RunRecord { throw MartletError.notFound("none") }
        func modelNames() async throws -> [String] { [] }
        func read(_ path: String, of version: ModelVersionID, bytesMax: Int) async throws -> [UInt8] { [] }
        func read(_ path: String, ofRun runID: String, bytesMax: Int) async throws -> [UInt8] { [] }
        func list(run runID: String) async throws -> [String] { [] }
        func localPath(_ path: String, of version: ModelVersionID) async throws -> String { "" }
        func post(_ json: [UInt8], to url: String, deadline: Duration) async throws -> Int { 200 }
    }

    let folder: String
    let monitoring: MonitoringParts
    let clock = ManualClock()

    init() throws {
        folder = NSTemporaryDirectory() + "martlet-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let endpoint = Endpoint(
            id: 7, name: "wear", variants: [Variant(version: 1, role: .champion, weightBasisPoints: 10_000)],
            updatedAt: Timestamp(milliseconds: 0))
        let servable = ServableVersion(
            id: ModelVersionID(model: "wear", version: 1), path: "", digest: "",
            columns: [FeatureColumn(name: "heat", input: "x", index: 0, kind: .numeric)], predictionOutput: "label")
        let snapshot = EndpointSnapshot(generation: 1, endpoints: [endpoint], versions: [servable])
        let observations = try Database(
            path: folder + "/o.db", migrations: Migrations.observations, clock: clock)
        monitoring = MonitoringParts(
            registry: try Database(path: folder + "/r.db", migrations: Migrations.registry, clock: clock),
            observations: observations, predictionLog: PredictionLogStore(database: observations),
            reading: NoRegistry(), artifacts: NoRegistry(),
            endpoints: SnapshotEndpointSource(snapshot: { snapshot }, policy: { _ in nil }), predictionIDs: Ids(),
            poster: NoRegistry(), listeners: [], clock: clock,
            logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }), environment: [:])
    }

    func application(isDevelopment: Bool = true) -> some ApplicationProtocol {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware {
            ErrorMiddleware(logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
        }
        if isDevelopment { router.add(middleware: DevelopmentMiddleware()) }
        FeedbackRoutes.add(to: router, monitoring: monitoring, clock: clock)
        MonitoringRoutes.add(to: router, monitoring: monitoring, clock: clock)
        MetricsRoutes.add(to: router, monitoring: monitoring, isOpen: false)
        return Application(router: router)
    }

    @Test("feedback of our own ids is stored; forged ids, unknown endpoints and broken JSON change nothing")
    func feedback() async throws {
        try await application().test(.router) { client in
            func post(_ body: String) async throws -> (Int, String) {
                try await client.execute(uri: "/api/v1/feedback", method: .post, body: ByteBuffer(string: body)) {
                    (Int($0.status.code), String(buffer: $0.body))
                }
            }
            let stored = try await post(
                #"[{"prediction_id":"ours-7","label":"1"},{"prediction_id":"ours-7","row":1,"label":0}]"#)
            #expect(stored.0 == 200)
            #expect(stored.1 == #"{"accepted":2,"corrected":0,"unchanged":0}"#)
            #expect(
                try await post(#"[{"prediction_id":"ours-7","label":"0"},{"prediction_id":"forged","label":"1"}]"#).0
                    == 400)
            #expect(try await post(#"{"business_key":"k","endpoint":"nowhere","label":"1"}"#).0 == 404)
            #expect(try await post(#"{"prediction_id":"#).0 == 400)
            #expect(try await post(#"{"business_key":"k","endpoint":"wear","label":"1"}"#).0 == 200)
        }
        let known = try await monitoring.feedback.feedback(of: PredictionID(rawValue: "ours-7"))
        #expect(known.map(\.label) == ["1", "0"])
        #expect(known.allSatisfy { $0.endpoint == "wear" })
    }

    @Test("traffic shows in metrics and monitoring; without a key neither is shown")
    func metrics() async throws {
        for row in 0..<10 {
            monitoring.sink.observe(
                Observation(
                    predictionID: PredictionID(rawValue: "\(row)"), endpoint: "wear", version: 1, role: .champion,
                    askedAt: clock.now(), time: clock.now(), latencyNanoseconds: 3_000_000,
                    failure: row == 9 ? .internal : nil, rows: 1,
                    features: .columns([.numeric([1])]), answer: .values(predictions: .numeric([1]), scores: []),
                    businessKey: nil))
        }
        try await monitoring.pump.flush()
        try await application().test(.router) { client in
            try await client.execute(uri: "/metrics", method: .get) { response in
                let text = String(buffer: response.body)
                #expect(
                    text.contains(
                        #"martlet_requests_total{endpoint="wear",version="1",role="champion",outcome="succeeded"} 9"#))
                #expect(text.contains(#"outcome="error"} 1"#))
                #expect(
                    text.contains(
                        #"martlet_request_duration_seconds_bucket{endpoint="wear",version="1",role="champion",le="0.004096"} 9"#
                    ))
                #expect(text.contains("process_resident_memory_bytes "))
                // For a look with promtool: MARTLET_METRICS_FILE names where to put the page.
                if let path = ProcessInfo.processInfo.environment["MARTLET_METRICS_FILE"] {
                    try text.write(toFile: path, atomically: true, encoding: .utf8)
                }
            }
            try await client.execute(uri: "/api/v1/endpoints/wear/monitoring?since_seconds=60", method: .get) {
                response in
                let value = try JSONDecoder().decode(JSONValue.self, from: Data(response.body.readableBytesView))
                #expect(value["traffic"]?.arrayValue?.first?["requests"]?.intValue == 10)
                #expect(value["traffic"]?.arrayValue?.first?["p99_milliseconds"]?.doubleValue != nil)
            }
            try await client.execute(uri: "/api/v1/endpoints/we%61r/monitoring", method: .get) {
                #expect($0.status == .ok)
            }
            try await client.execute(uri: "/api/v1/endpoints/none/monitoring", method: .get) {
                #expect($0.status == .notFound)
            }
            try await client.execute(uri: "/api/v1/alerts?state=wrong", method: .get) {
                #expect($0.status == .badRequest)
            }
            try await client.execute(uri: "/api/v1/alerts", method: .get) {
                #expect(String(buffer: $0.body) == #"{"items":[]}"#)
            }
        }
        try await application(isDevelopment: false).test(.router) { client in
            for path in ["/metrics", "/api/v1/alerts", "/api/v1/endpoints/wear/monitoring"] {
                try await client.execute(uri: path, method: .get) { #expect($0.status == .unauthorized) }
            }
        }
    }
}
