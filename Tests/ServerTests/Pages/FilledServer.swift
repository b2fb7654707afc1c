import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Lifecycle
import Logging
import Monitoring
import Storage
import Testing

@testable import Server

/// The real server in process, over real stores, with one governed model whose every text is hostile.
struct FilledServer {
    /// All that must never reach a page as markup.
    static let evil = "<script>alert(\"1\")</script>'&"
    /// Registered names hold no slash and no colon.
    static let model = "wear <b onclick='x'>\"&%41\u{202e}"
    static let version = ModelVersionID(model: model, version: 2)

    let services: Services
    let viewerKey: String
    let author = Principal(id: .init(rawValue: "p-ann"), name: "ann <i>", roles: [.contributor])
    let operatorPrincipal = Principal(id: .init(rawValue: "p-olga"), name: "olga", roles: [.operator])

    /// - Parameter isFilled: without, there is nothing but the accounts.
    init(isFilled: Bool = true) async throws {
        let folder = NSTemporaryDirectory() + "martlet-pages-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder + "/keys", withIntermediateDirectories: true)
        let logger = Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() })
        services = try await Bootstrap(configuration: ServerConfiguration(dataDirectory: folder), logger: logger)
            .makeServices()
        _ = try await services.accounts.create(name: "vera", roles: [.viewer], actor: .system)
        viewerKey = try await services.keys.issue(for: "vera", label: "t", actor: .system).text
        guard isFilled else { return }
        try await register()
        try await govern()
        try await rollOut()
        try await observe()
        try await keepData()
    }

    /// Two versions of a data set.
    private func keepData() async throws {
        for csv in [
            "heat \(Self.evil.replacing("\"", with: "")),x\n1,2\n3,4\n",
            "heat \(Self.evil.replacing("\"", with: "")),x\n1,2\n3,4\n5,6\n7,8\n",
        ] {
            let taken = try await services.lineage.intake.take(
                RequestBody(buffer: ByteBuffer(string: csv)), path: "data.csv", format: .csv)
            _ = try await services.lineage.intake.version(
                of: "plants", [.init(path: taken.path, digest: taken.digest, format: .csv)],
                source: "data.csv " + Self.evil,
                by: author)
        }
    }

    private func register() async throws {
        _ = try await services.registryStore.create(
            name: Self.model, description: Self.evil, tags: [:], by: author)
        let run = try await services.runs.create(
            experimentID: "0", userID: "ann", name: Self.evil, startedAt: nil,
            tags: ["mlflow.source.git.commit": String(repeating: "c0ffee", count: 6)], by: author)
        try await services.runs.logInputs(
            run.id,
            datasets: [
                DatasetInput(
                    name: "plants " + Self.evil, digest: "d16e57", sourceType: "local", source: "{}", schema: nil,
                    profile: nil, tags: ["mlflow.data.context": "training"])
            ], models: [])
        try await services.registry.write { sql in
            try sql.execute(
                """
                INSERT INTO metric_points (run_id, key, timestamp, step, value, is_nan, logged_at, dataset_name)
                VALUES ($1, 'recall', 1, 0, 0.5, 0, 1, 'holdout'), ($1, 'recall', 2, 1, 0.8125, 0, 2, 'holdout')
                """, [.text(run.id)])
            for version in 1...2 {
                try sql.execute(
                    """
                    INSERT INTO model_versions (name, version, created_at, updated_at, stage, description, source,
                        run_id, artifact_root, created_by, created_by_name)
                    VALUES ($1, $2, 0, 0, 'None', $3, 'runs:/x/model', $4, 'r', 'p-ann', 'ann <i>')
                    """, [.text(Self.model), .integer(version), .text(Self.evil), .text(run.id)])
            }
            try sql.execute(
                "INSERT INTO model_version_files (name, version, path, digest, bytes) VALUES ($1, 2, $2, 'ab', 2048)",
                [.text(Self.model), .text("model <x>.pkl")])
        }
        try await services.registryStore.setVersionTag(
            Self.version, key: "model_card", value: Self.evil, by: author)
        try await services.preparations.save(
            VersionPreparation(
                id: Self.version, state: .unservable, detail: "Cannot convert " + Self.evil,
                preparedAt: services.clock.now()))
    }

    private func govern() async throws {
        var policy = Policy(
            model: Self.model, owner: "olga", purpose: "Stops pumps " + Self.evil, task: .binaryClassification)
        policy.criteria.documentation = ["model_card"]
        policy.monitors.quality = [QualityMonitor(metric: "recall", atLeast: 0.8)]
        let applied = try await services.governance.policies.apply(
            policy, document: "purpose: " + Self.evil, by: operatorPrincipal, loosened: { _, _ in [] })
        let report = ReadinessReport(
            version: Self.version, policyVersion: applied.version, time: services.clock.now(),
            rows: [
                .init(
                    criterion: "documentation.model_card", threshold: "is written", measured: "yes", status: .met,
                    evidence: "Tag " + Self.evil, writtenBefore: true),
                .init(
                    criterion: "metrics.recall@holdout", threshold: "≥ 0.9", measured: "0.8125", status: .unmet,
                    evidence: "Run 1"),
            ])
        try await ReadinessStore(database: services.registry).save(report)
        _ = try await services.governance.approvalStore.request(
            Self.version, policyVersion: applied, readiness: report, by: author)
    }

    private func rollOut() async throws {
        let now = services.clock.now()
        for version in 1...2 {
            _ = try await services.rollouts.store.start(
                RolloutDraft(
                    candidate: ModelVersionID(model: Self.model, version: version), plan: RolloutPlan(),
                    guardrails: Guardrails(), policyVersion: 1, championAlias: "champion"), by: operatorPrincipal
            ) { try RolloutMachine($0).handle(.start, now: now) }
        }
        let run = try await services.retraining.store.begin(
            model: Self.model, trigger: .manual, reason: Self.evil, cooldownSeconds: 0, by: operatorPrincipal)
        var ended = run
        ended.state = .failed
        ended.exitCode = 3
        ended.endedAt = services.clock.now()
        ended.logTail = "Traceback " + Self.evil
        try await services.retraining.store.end(ended)
    }

    private func observe() async throws {
        let now = services.clock.now()
        let begin = now.adding(seconds: -40)
        var partial = PartialWindow(
            endpoint: Self.model, version: 1, role: .champion, start: now.adding(seconds: -20),
            end: now.adding(seconds: -19))
        partial.requests = 120
        partial.errors = 3
        partial.latency = [40: 117]
        var earlier = partial
        earlier.start = now.adding(seconds: -110)
        earlier.end = now.adding(seconds: -109)
        try await services.monitoring.windows.append([earlier, partial])
        let heat = FeatureProfile(
            name: "heat " + Self.evil, bins: .categorical(categories: [Self.evil]), counts: [3, 1])
        try await SQLReferenceProfileStore(database: services.registry).save(
            ReferenceProfile(
                version: ModelVersionID(model: Self.model, version: 1), origin: .firstLiveRows, predictionOrigin: nil,
                detail: "Made of " + Self.evil, profile: Profile(rows: 4, features: [heat], prediction: nil),
                builtAt: begin))
        let verdict = MonitorVerdict(
            endpoint: Self.model, version: 1, windowStart: begin, windowEnd: now, kind: .featureDrift,
            subject: heat.name, value: 0.75, threshold: 0.2, rows: 400, isBroken: true, detail: "PSI 0.75 " + Self.evil)
        try await services.monitoring.windows.save(
            WindowSummary(
                endpoint: Self.model, version: 1, role: .champion, start: begin, end: now, requests: 400, errors: 0,
                rejected: 0, p50Milliseconds: 1, p99Milliseconds: 2,
                profile: Profile(rows: 4, features: [heat], prediction: nil), verdicts: [verdict]))
        try await services.monitoring.windows.save(
            QualityReport(
                endpoint: Self.model, version: 1, time: now, labels: 120, metrics: ["recall": 0.71], kpis: [:]))
        _ = try await services.monitoring.alerts.record(
            verdicts: [verdict],
            alerts: [
                Alert(
                    id: 0, endpoint: Self.model, version: 1, kind: .featureDrift, subject: heat.name, state: .firing,
                    detail: verdict.detail, value: 0.75, threshold: 0.2, startedAt: now, updatedAt: now),
                Alert(
                    id: 0, endpoint: Self.model, version: 1, kind: .quality, subject: "recall", state: .resolved,
                    detail: "recall was low", value: 0.7, threshold: 0.8, startedAt: begin, updatedAt: now,
                    resolvedAt: now),
            ])
    }

    /// An id as the data plane would have given it for the first champion.
    func predictionID() async throws -> String {
        let endpoint = try await EndpointStore(database: services.registry).endpoint(Self.model)
        return services.predictionIDs.seal(
            PredictionOrigin(
                endpointID: endpoint.id, version: 2, policyVersion: 1, rolloutID: 2, rolloutStep: 0,
                time: services.clock.now())
        ).rawValue
    }

    /// One page as a browser with the viewer's key gets it.
    struct Shown {
        var status: Int
        var text: String
        var headers: HTTPFields
    }

    func get(_ path: String, key: String? = nil) async throws -> Shown {
        try await Application(router: Bootstrap.makeRouter(services)).test(.router) { client in
            try await client.execute(
                uri: path, method: .get,
                headers: [.accept: "text/html", .authorization: "Bearer \(key ?? viewerKey)"]
            ) { Shown(status: Int($0.status.code), text: String(buffer: $0.body), headers: $0.headers) }
        }
    }

    static func encoded(_ text: String) -> String {
        text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
