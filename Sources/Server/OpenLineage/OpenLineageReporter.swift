internal import Crypto
internal import Domain
internal import Lifecycle
internal import Storage
internal import Wire

/// Makes the event of a notice out of what is stored now: an event that is told late tells all that became known since.
struct OpenLineageReporter: Sendable {
    /// Versions that one run is said to have made; a run makes a handful.
    static let outputsMax = 100

    let namespace: String
    let registry: RegistryReader
    let experiments: ExperimentStore
    let datasets: DatasetStore
    let lineage: LineageReader
    let rollouts: RolloutStore
    let retraining: RetrainingStore
    let policies: PolicyStore

    /// nil where what it was about is gone: then there is nothing to tell.
    ///
    /// - Throws: what the stores throw.
    func event(_ notice: OpenLineageNotice) async throws -> JSONValue? {
        do {
            switch notice.kind {
            case .runStarted: return try await run(notice.subject, isEnd: false, at: notice.time)
            case .runEnded: return try await run(notice.subject, isEnd: true, at: notice.time)
            case .versionRegistered: return try await version(notice)
            case .rolloutStarted, .rolloutEnded: return try await rollout(notice)
            case .retrainingStarted, .retrainingEnded: return try await retraining(notice)
            case .datasetAdded: return try await dataset(notice)
            }
        } catch let error as MartletError where error.code == .notFound {
            return nil
        }
    }

    // MARK: runs

    private func run(_ id: String, isEnd: Bool, at time: Timestamp) async throws -> JSONValue {
        let run = try await registry.runRecord(id)
        let state: OpenLineageEvent.State =
            switch (isEnd, run.status) {
            case (false, _): .start
            case (true, "FAILED"): .fail
            case (true, "KILLED"): .abort
            case (true, _): .complete
            }
        return OpenLineageEvent.run(
            state, at: time, namespace: namespace, job: try await job(of: run),
            run: .init(
                uuid: Self.uuid(hexadecimal: id) ?? uuid("run/\(id)"), facts: Self.facts(run),
                error: state == .fail ? "The run ended as failed; its log is not kept here." : nil),
            inputs: try await inputs(of: run), outputs: isEnd ? try await outputs(of: run) : [])
    }

    /// The job of a run is its experiment.
    private func job(of run: RunRecord) async throws -> OpenLineageEvent.Job {
        let experiment = try await experiments.experiment(id: run.experimentID)
        let code = run.codeCommit.map {
            VersionEntry.Commit(
                commit: $0, repository: run.tags[VersionTag.sourceRepository],
                branch: run.tags[VersionTag.sourceBranch],
                source: "")
        }
        return .init(
            name: "experiments/\(experiment.name)", type: "TRAINING", code: code, owner: run.tags[VersionTag.team])
    }

    private static func facts(_ run: RunRecord) -> [String: JSONValue] {
        var facts: [String: JSONValue] = [
            "runId": .string(run.id), "runName": .string(run.name), "status": .string(run.status),
            "params": .object(run.params.mapValues { .string($0) }),
            "metrics": .array(
                run.metrics.map { metric in
                    [
                        "name": .string(metric.key), "value": .double(metric.value),
                        "dataset": metric.datasetName.map { .string($0) } ?? .null,
                    ]
                }),
        ]
        facts["featureEngineeringCommit"] = run.tags[VersionTag.featureEngineeringCommit].map { .string($0) }
        return facts
    }

    private func inputs(of run: RunRecord) async throws -> [OpenLineageEvent.Dataset] {
        let kept = try await datasets.versions(ofRun: run.id)
        var inputs: [OpenLineageEvent.Dataset] = []
        for logged in run.datasets {
            if let id = kept[LoggedDatasetKey(name: logged.name, digest: logged.digest)] {
                inputs.append(Self.dataset(try await datasets.version(id.name, .number(id.number)), logged.context))
            } else {
                inputs.append(.init(name: logged.name, version: logged.digest, context: logged.context))
            }
        }
        return inputs
    }

    private func outputs(of run: RunRecord) async throws -> [OpenLineageEvent.Dataset] {
        let node = try await lineage.node(.run(run.id))
        let step = try await lineage.neighbours(of: node, .downstream, limit: Self.outputsMax)
        return step.nodes.compactMap { node in
            guard case .model(let id)? = try? LineageReference(node.id) else { return nil }
            return Self.version(id)
        }
    }

    // MARK: versions and data sets

    private func version(_ notice: OpenLineageNotice) async throws -> JSONValue {
        let id = try Self.versionID(notice.subject)
        let record = try await registry.versionRecord(id)
        if let runID = record.runID, let run = try await Self.found({ try await registry.runRecord(runID) }) {
            return OpenLineageEvent.run(
                .other, at: notice.time, namespace: namespace, job: try await job(of: run),
                run: .init(uuid: Self.uuid(hexadecimal: runID) ?? uuid("run/\(runID)"), facts: Self.facts(run)),
                inputs: try await inputs(of: run), outputs: [Self.version(id)])
        }
        return OpenLineageEvent.dataset(Self.version(id), change: "CREATE", at: notice.time, namespace: namespace)
    }

    private func dataset(_ notice: OpenLineageNotice) async throws -> JSONValue {
        let id = try Self.versionID(notice.subject)
        return OpenLineageEvent.dataset(
            Self.dataset(try await datasets.version(id.model, .number(id.version)), nil), change: "CREATE",
            at: notice.time, namespace: namespace)
    }

    private static func version(_ id: ModelVersionID) -> OpenLineageEvent.Dataset {
        .init(name: "models/\(id.model)", version: String(id.version))
    }

    private static func dataset(_ version: DatasetVersion, _ context: String?) -> OpenLineageEvent.Dataset {
        .init(
            name: "datasets/\(version.id.name)", version: version.id.digest, columns: version.columns,
            rows: version.rows,
            bytes: version.bytes, context: context)
    }

    // MARK: rollouts and retraining

    private func rollout(_ notice: OpenLineageNotice) async throws -> JSONValue {
        guard let number = Int64(notice.subject) else { throw MartletError.notFound("No rollout.") }
        let rollout = try await rollouts.rollout(number)
        let state: OpenLineageEvent.State =
            notice.kind == .rolloutStarted ? .start : rollout.state == .promoted ? .complete : .fail
        return OpenLineageEvent.run(
            state, at: notice.time, namespace: namespace,
            job: .init(
                name: "rollouts/\(rollout.endpoint)", type: "ROLLOUT",
                owner: try await policies.policyInForce(rollout.endpoint)?.policy.team),
            run: .init(
                uuid: uuid("rollout/\(rollout.id)"),
                facts: [
                    "rolloutId": .int(rollout.id), "state": .string(rollout.state.rawValue),
                    "policyVersion": .int(Int64(rollout.policyVersion)), "startedBy": .string(rollout.startedBy),
                ], error: rollout.reason ?? "The rollout was rolled back."),
            inputs: [Self.version(ModelVersionID(model: rollout.endpoint, version: rollout.candidate))],
            outputs: [.init(name: "endpoints/\(rollout.endpoint)")])
    }

    private func retraining(_ notice: OpenLineageNotice) async throws -> JSONValue {
        guard let number = Int64(notice.subject) else { throw MartletError.notFound("No retraining run.") }
        let run = try await retraining.run(number)
        let isEnd = notice.kind == .retrainingEnded
        let state: OpenLineageEvent.State =
            switch (isEnd, run.state) {
            case (false, _): .start
            case (true, .succeeded): .complete
            case (true, .interrupted): .abort
            case (true, _): .fail
            }
        return OpenLineageEvent.run(
            state, at: notice.time, namespace: namespace,
            job: .init(
                name: "retraining/\(run.model)", type: "RETRAINING",
                owner: try await policies.policyInForce(run.model)?.policy.team),
            run: .init(
                uuid: uuid("retraining/\(run.id)"),
                facts: ["trigger": .string(run.trigger.rawValue), "reason": .string(run.reason)],
                error: "The retraining command ended as \(run.state.rawValue)."),
            inputs: run.datasetDigest.map { [.init(name: "feedback/\(run.model)", version: $0, rows: run.datasetRows)] }
                ?? [],
            outputs: isEnd ? run.versions.map { Self.version(ModelVersionID(model: run.model, version: $0)) } : [])
    }

    // MARK: ids

    /// `NAME/NUMBER`.
    private static func versionID(_ subject: String) throws -> ModelVersionID {
        guard let slash = subject.lastIndex(of: "/"), let number = Int(subject[subject.index(after: slash)...]) else {
            throw MartletError.notFound("No version.")
        }
        return ModelVersionID(model: String(subject[..<slash]), version: number)
    }

    /// MLflow's ids are 32 hexadecimal digits: a UUID without its hyphens.
    static func uuid(hexadecimal id: String) -> String? {
        guard id.utf8.count == 32, id.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        let digits = Array(id)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    /// The same thing of the same namespace has the same UUID (version 8 of RFC 9562), at every time it is told.
    func uuid(_ thing: String) -> String {
        var bytes = Array(SHA256.hash(data: Array("\(namespace)\u{0}\(thing)".utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return Self.uuid(hexadecimal: hex) ?? hex
    }

    private static func found<Value>(_ read: () async throws -> Value) async throws -> Value? {
        do {
            return try await read()
        } catch let error as MartletError where error.code == .notFound {
            return nil
        }
    }
}
