import Dashboard
import Domain

/// Made-up values for looking at pages. They say in every name that they are samples.
enum Samples {
    static let now = Timestamp(milliseconds: 1_795_219_200_000)
    static let model = "sample-pump-failure"
    static let digest = String(repeating: "9f3a61c0", count: 8)
    static let author = Principal.ID(rawValue: "p-1")

    static func ago(_ seconds: Double) -> Timestamp { now.adding(seconds: -seconds) }

    static var policy: Policy {
        var policy = Policy(
            model: model, owner: "sample-owner", purpose: "Sample: warn a day before a pump fails",
            task: .binaryClassification)
        policy.team = "sample-team"
        policy.knownLimitations = ["Sample limitation: trained on one plant only."]
        policy.monitors.quality = [QualityMonitor(metric: "recall", atLeast: 0.8)]
        policy.retraining = RetrainingRule(command: ["python", "retrain.py"])
        return policy
    }

    static var policyVersion: PolicyVersion {
        PolicyVersion(
            model: model, version: 2, policy: policy, document: "model: \(model)\nowner: sample-owner\n",
            state: .inForce,
            author: author, authorName: "sample-author", appliedAt: ago(90_000), loosens: [])
    }

    static var pendingPolicy: PolicyVersion {
        var pending = policyVersion
        pending.version = 3
        pending.state = .pendingApproval
        pending.loosens = ["metrics.recall@validation: at least 0.8 becomes 0.7"]
        return pending
    }

    static func record(_ version: Int, aliases: [String] = [], description: String? = nil) -> VersionRecord {
        VersionRecord(
            id: ModelVersionID(model: model, version: version), createdAt: ago(Double(10 - version) * 4000),
            createdBy: author, createdByName: "sample-author", runID: "a1b2c3d4e5f60718293a4b5c6d7e8f90",
            loggedModelID: nil, source: "mlflow-artifacts:/1/models/m-sample/artifacts", description: description,
            tags: ["stage": "pilot"], aliases: aliases,
            files: [
                VersionFile(path: "MLmodel", digest: digest, bytes: 1312),
                VersionFile(path: "model.onnx", digest: String(digest.reversed()), bytes: 1_482_220),
                VersionFile(path: "input_example.json", digest: digest, bytes: 214),
            ])
    }

    static var run: RunRecord {
        RunRecord(
            id: "a1b2c3d4e5f60718293a4b5c6d7e8f90", experimentID: "1", name: "sample-run-7", status: "FINISHED",
            createdBy: author, createdByName: "sample-author", startedAt: ago(40_000), endedAt: ago(39_000),
            params: ["n_estimators": "200", "max_depth": "12"],
            tags: ["mlflow.source.git.commit": String(digest.prefix(40))],
            metrics: [
                .init(
                    key: "recall", value: 0.8312, timestamp: ago(39_500), loggedAt: ago(39_500),
                    datasetName: "validation", datasetDigest: "d41d8cd9", modelID: nil),
                .init(
                    key: "precision", value: 0.7741, timestamp: ago(39_500), loggedAt: ago(39_500),
                    datasetName: "validation", datasetDigest: "d41d8cd9", modelID: nil),
            ],
            datasets: [
                .init(name: "sample-plants", digest: "d41d8cd9", sourceType: "local", source: "{}", context: "training")
            ])
    }

    static var report: ReadinessReport {
        ReadinessReport(
            version: ModelVersionID(model: model, version: 3), policyVersion: 2, time: ago(120),
            rows: [
                .init(
                    criterion: "metrics.recall@validation", threshold: "≥ 0.8", measured: "0.8312", status: .met,
                    evidence: "run a1b2c3d4, dataset validation (d41d8cd9)", writtenBefore: true),
                .init(
                    criterion: "metrics.precision@validation", threshold: "≥ 0.75", measured: "0.7741", status: .met,
                    evidence: "run a1b2c3d4, dataset validation (d41d8cd9)", writtenBefore: false),
                .init(
                    criterion: "latency.p99", threshold: "≤ 5 ms", measured: "7.2 ms", status: .unmet,
                    evidence: "measured through the data plane, 12,480 requests, onnxruntime, 2 min ago"),
                .init(
                    criterion: "documentation.description", threshold: "present", measured: nil, status: .unknown,
                    evidence: "the version has no description"),
            ])
    }

    static var approval: Approval {
        Approval(
            id: 4, subject: .modelVersion(ModelVersionID(model: model, version: 2)), requestedBy: author,
            requestedByName: "sample-author", requestedAt: ago(9000), rule: ApprovalRule(), policyVersion: 2,
            decisions: [
                .init(
                    principal: Principal.ID(rawValue: "p-2"), principalName: "sample-approver", approves: true,
                    reason: "Sample reason: all criteria met on all plants.", time: ago(8000))
            ], state: .approved)
    }

    static var pendingApproval: Approval {
        var pending = approval
        pending.id = 5
        pending.subject = .modelVersion(ModelVersionID(model: model, version: 3))
        pending.decisions = []
        pending.state = .pending
        pending.requestedAt = ago(300)
        return pending
    }

    static var preparation: VersionPreparation {
        VersionPreparation(
            id: ModelVersionID(model: model, version: 3), state: .servable,
            detail: "Converted from scikit-learn to ONNX, tried in a child process.",
            inputs: [TensorSpec(name: "input", datatype: .fp32, shape: [-1, 6])],
            outputs: [
                TensorSpec(name: "label", datatype: .int64, shape: [-1]),
                TensorSpec(name: "probabilities", datatype: .fp32, shape: [-1, 2]),
            ],
            parity: .init(rows: 500, maxAbsoluteDifference: 2.4e-7, labelMismatches: 0, tool: "skl2onnx"),
            goldenRequest: "{}", goldenResponse: "{}", runtime: "onnxruntime, sample processor", preparedAt: ago(4000))
    }

    static var endpoint: Endpoint {
        Endpoint(
            id: 1, name: model,
            variants: [
                Variant(version: 2, role: .champion, weightBasisPoints: 9000),
                Variant(version: 3, role: .candidate, weightBasisPoints: 1000),
                Variant(version: 4, role: .shadow, weightBasisPoints: 0),
            ], policyVersion: 2, rolloutID: 7, rolloutStep: 1, updatedAt: ago(40))
    }

    static func rollout(_ id: Int64 = 7, state: Rollout.State = .progressing, reason: String? = nil) -> Rollout {
        Rollout(
            id: id, endpoint: model, candidate: 3, champion: 2, plan: RolloutPlan(), guardrails: Guardrails(),
            policyVersion: 2, state: state, step: state == .promoted ? 3 : 1, stepStartedAt: ago(100),
            startedAt: ago(260), updatedAt: ago(5), startedBy: "sample-operator", reason: reason)
    }

    static var events: [RolloutEvent] {
        let evidence = RolloutEvidence(
            candidate: .init(requests: 412, errors: 1, p99Milliseconds: 3.91),
            champion: .init(requests: 3702, errors: 2, p99Milliseconds: 3.42), predictionPSI: 0.041)
        return [
            RolloutEvent(rolloutID: 7, time: ago(260), kind: "started", step: 0, detail: "Started in shadow."),
            RolloutEvent(
                rolloutID: 7, time: ago(100), kind: "step", step: 1, detail: "To 10 %: step 1 held for 160 s."),
            RolloutEvent(
                rolloutID: 7, time: ago(10), kind: "evaluated", step: 1, detail: "All guardrails hold.",
                evidence: evidence),
        ]
    }

    static func alert(_ id: Int64, _ kind: Alert.Kind, _ subject: String, _ state: Alert.State) -> Alert {
        Alert(
            id: id, endpoint: model, version: 2, kind: kind, subject: subject, state: state,
            detail: "Sample: PSI 0.412 ≥ 0.2 and KS 0.31 (p < 0.001) over 1,204 rows.", value: 0.412, threshold: 0.2,
            startedAt: ago(1900), updatedAt: ago(100), resolvedAt: state == .resolved ? ago(100) : nil)
    }

    static var alerts: [Alert] {
        [
            alert(3, .featureDrift, "vibration_mm_s", .firing), alert(2, .quality, "recall", .pending),
            alert(1, .outOfRange, "temperature", .resolved),
        ]
    }

    static func series(_ title: String, from: Double, to: Double, threshold: Double, above: Bool) -> TimeSeriesChart {
        let points = (0..<24).map { index in
            let wave = Double((index * 7919) % 13) / 13 * 0.04
            let share = index < 14 ? 0 : Double(index - 14) / 9
            let value = index == 6 ? Double.nan : from + (to - from) * share + wave
            return TimeSeriesChart.Point(time: ago(Double(24 - index) * 300), value: value)
        }
        return TimeSeriesChart(
            title: title, points: points, threshold: .init(value: threshold, breaksAbove: above), startsAtZero: above)
    }

    static func drift(_ feature: String, drifted: Bool) -> EndpointPage.Drift {
        let reference = [0.02, 0.06, 0.13, 0.2, 0.22, 0.17, 0.11, 0.06, 0.02, 0.01]
        let live =
            drifted ? [0.0, 0.01, 0.03, 0.06, 0.12, 0.2, 0.24, 0.19, 0.1, 0.05] : reference.map { $0 * 0.98 + 0.002 }
        return EndpointPage.Drift(
            feature: feature, isDrifted: drifted,
            test: drifted ? "KS 0.31, p < 0.001, 1,204 rows" : "KS 0.02, p = 0.71, 1,204 rows",
            psi: series("PSI of \(feature)", from: 0.01, to: drifted ? 0.4 : 0.02, threshold: 0.2, above: true),
            histogram: HistogramChart(
                title: "Distribution of \(feature)",
                bins: zip(reference, live).enumerated().map {
                    .init(label: "\(20 + $0.offset * 5)", reference: $0.element.0, live: $0.element.1)
                }))
    }

    static var categoricalDrift: EndpointPage.Drift {
        EndpointPage.Drift(
            feature: "plant", isDrifted: true, test: "χ² 212.4, p < 0.001",
            psi: series("PSI of plant", from: 0.02, to: 0.55, threshold: 0.2, above: true),
            histogram: HistogramChart(
                title: "Distribution of plant",
                bins: [
                    .init(label: "north", reference: 0.5, live: 0.31),
                    .init(label: "south", reference: 0.5, live: 0.29),
                    .init(label: "(other)", reference: 0, live: 0.4),
                ]))
    }

    static var status: EndpointStatus {
        let history = (0..<30).map { 38 + Double(($0 * 31) % 17) }
        return EndpointStatus(
            endpoint: endpoint,
            traffic: [
                .init(version: 2, requestsPerSecond: 43.2, errorShare: 0.0005, p99Milliseconds: 3.42, history: history),
                .init(
                    version: 3, requestsPerSecond: 4.81, errorShare: 0.0024, p99Milliseconds: 3.91,
                    history: history.enumerated().map { $0.offset < 18 ? 0 : $0.element / 9 }),
            ], rollout: rollout(), openAlerts: 2)
    }

    static func retraining(_ id: Int64, _ state: RetrainingRun.State) -> RetrainingRun {
        RetrainingRun(
            id: id, model: model, trigger: .alert, reason: "Sample: drift of feature vibration_mm_s, PSI 0.412",
            state: state,
            startedBy: "monitor", startedAt: ago(Double(id) * 700), endedAt: state == .running ? nil : ago(300),
            exitCode: state == .succeeded ? 0 : state == .failed ? 1 : nil,
            logTail: "reading 48,000 rows of 3 plants\nfitting …\nrecall 0.861 on validation\nregistered version 4\n",
            versions: state == .succeeded ? [4] : [])
    }

    static var audit: [AuditEvent] {
        (1...12).reversed().map { number in
            AuditEvent(
                sequence: Int64(number), time: ago(Double(20 - number) * 333), actorID: "p-1",
                actorName: "sample-operator",
                action: number.isMultiple(of: 3) ? "policy.apply" : "rollout.start",
                subject: "models/\(model)/versions/\(number)",
                before: number.isMultiple(of: 2) ? .null : ["state": "pending"],
                after: ["state": "progressing", "step": 1],
                previousHash: digest, hash: String(digest.reversed()))
        }
    }

    static var trace: PredictionTrace {
        var trace = PredictionTrace(
            predictionID: PredictionID(rawValue: "sample-id"),
            origin: PredictionOrigin(
                endpointID: 1, version: 2, policyVersion: 2, rolloutID: 7, rolloutStep: 1, time: ago(77)),
            endpoint: model,
            feedback: [
                Feedback(
                    predictionID: nil, businessKey: nil, endpoint: model, row: 0, label: "1", override: nil,
                    kpis: ["downtime_hours": 1.5], time: ago(10), principal: "sample-operator")
            ], missing: ["Sample: the run logged no code commit."])
        trace.version = record(2, aliases: ["champion"])
        trace.run = run
        trace.approvals = [approval]
        trace.rollout = rollout()
        trace.input = ["inputs": [["name": "input", "shape": [1, 6], "data": [0.5, 1, 2, 3, 4.25, 5]]]]
        trace.output = ["outputs": [["name": "label", "shape": [1], "data": [1]]]]
        trace.runtime = "onnxruntime, sample processor"
        return trace
    }
}
