internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Writes what a Martlet server holds to an MLflow server through that server's public API.
struct Exporter: Sendable {
    /// MLflow's own limits of one log-batch call.
    static let pointsMax = 1_000
    static let pairsMax = 100
    /// The tags by which an export finds again what it wrote.
    static let runTag = "martlet.run_id"
    static let modelTag = "martlet.model_id"
    static let versionTag = "martlet.version"
    static let stateTag = "martlet.export"

    let ours: MLflowServer
    let other: MLflowServer
    let concurrency: Int
    let progress: ExportProgress

    /// What things are called at the other server, by what they are called here.
    actor Names {
        /// Run messages of the other server, by run id here.
        private(set) var runs: [String: JSONValue] = [:]
        /// Ids of logged models there.
        private(set) var loggedModels: [String: String] = [:]
        func set(run: JSONValue, for id: String) { runs[id] = run }
        func set(loggedModel: String, for id: String) { loggedModels[id] = loggedModel }
    }

    let names = Names()

    func run() async throws {
        for experiment in try await ours.experiments() {
            let name = Column.plain(experiment["name"])
            guard experiment["lifecycle_stage"] != "deleted" else {
                await progress.leftOut("The experiment \(name), which is deleted.")
                continue
            }
            guard let id = try await makeExperiment(experiment) else { continue }
            await progress.took("experiments")
            try await exportRuns(of: experiment, to: id)
            try await exportLoggedModels(of: experiment, to: id)
        }
        try await exportRegistry()
    }

    // MARK: experiments

    /// - Returns: its id there; nil if it cannot be written to.
    private func makeExperiment(_ experiment: JSONValue) async throws -> String? {
        guard let name = experiment["name"]?.stringValue else { return nil }
        do {
            let found = try await other.get("mlflow/experiments/get-by-name", [("experiment_name", name)])["experiment"]
            guard found?["lifecycle_stage"] != "deleted" else {
                await progress.leftOut("The experiment \(name): one of that name is deleted there. Restore it first.")
                return nil
            }
            guard let id = found?["experiment_id"]?.stringValue else { return nil }
            for tag in experiment["tags"]?.arrayValue ?? [] {
                _ = try await other.post(
                    "mlflow/experiments/set-experiment-tag",
                    ["experiment_id": .string(id), "key": tag["key"] ?? "", "value": tag["value"] ?? ""])
            }
            return id
        } catch let error as MartletError where error.code == .notFound {
            let made = try await other.post(
                "mlflow/experiments/create", ["name": .string(name), "tags": experiment["tags"] ?? []])
            return made["experiment_id"]?.stringValue
        }
    }

    // MARK: runs

    private func exportRuns(of experiment: JSONValue, to id: String) async throws {
        guard let ourID = experiment["experiment_id"]?.stringValue else { return }
        var there: [String: JSONValue] = [:]
        try await other.runs(of: id) { runs in
            for run in runs {
                if let ourRun = Self.tag(run["data"]?["tags"], Self.runTag) { there[ourRun] = run }
            }
        }
        let known = there
        try await ours.runs(of: ourID) { runs in
            try await runs.forEach(atOnce: concurrency) { run in
                let runID = Column.plain(run["info"]?["run_id"])
                guard run["info"]?["lifecycle_stage"] != "deleted" else {
                    return await progress.leftOut("The run \(runID), which is deleted.")
                }
                try await export(run, to: id, known: known[runID])
            }
        }
    }

    private func export(_ run: JSONValue, to experiment: String, known: JSONValue?) async throws {
        guard let ourID = run["info"]?["run_id"]?.stringValue else { return }
        if let known, Self.tag(known["data"]?["tags"], Self.stateTag) == "complete" {
            await names.set(run: known, for: ourID)
            return await progress.took("runs_already_there")
        }
        let there = try await known.orElse { try await create(run, in: experiment) }
        guard let id = there["info"]?["run_id"]?.stringValue else {
            throw MartletError(.internal, "\(other.url) made a run and did not tell its id.")
        }
        try await logPairs(run, to: id)
        for metric in run["data"]?["metrics"]?.arrayValue ?? [] {
            guard let key = metric["key"]?.stringValue else { continue }
            try await ours.history(of: ourID, key) { points in
                for batch in points.chunks(of: Self.pointsMax) {
                    _ = try await other.post(
                        "mlflow/runs/log-batch", ["run_id": .string(id), "metrics": .array(batch.map(Self.plainPoint))])
                    await progress.took("metric_points", Int64(batch.count))
                }
            }
        }
        if let datasets = run["inputs"]?["dataset_inputs"], datasets.arrayValue?.isEmpty == false {
            _ = try await other.post("mlflow/runs/log-inputs", ["run_id": .string(id), "datasets": datasets])
        }
        try await copy(
            ArtifactPlace.ofRun(run, at: ours), to: ArtifactPlace.ofRun(there, at: other), of: "run \(ourID)")
        var end: [String: JSONValue] = ["run_id": .string(id), "status": run["info"]?["status"] ?? "FINISHED"]
        if let time = run["info"]?["end_time"] { end["end_time"] = time }
        _ = try await other.post("mlflow/runs/update", .object(end))
        _ = try await other.post(
            "mlflow/runs/set-tag", ["run_id": .string(id), "key": .string(Self.stateTag), "value": "complete"])
        await names.set(run: there, for: ourID)
        await progress.took("runs")
    }

    private func create(_ run: JSONValue, in experiment: String) async throws -> JSONValue {
        var body: [String: JSONValue] = [
            "experiment_id": .string(experiment), "user_id": run["info"]?["user_id"] ?? "",
            "run_name": run["info"]?["run_name"] ?? "",
            "tags": [["key": .string(Self.runTag), "value": run["info"]?["run_id"] ?? ""]],
        ]
        if let time = run["info"]?["start_time"] { body["start_time"] = time }
        return try await other.post("mlflow/runs/create", .object(body))["run"] ?? .null
    }

    private func logPairs(_ run: JSONValue, to id: String) async throws {
        for (field, pairs) in [("params", run["data"]?["params"]), ("tags", run["data"]?["tags"])] {
            for batch in (pairs?.arrayValue ?? []).chunks(of: Self.pairsMax) {
                _ = try await other.post(
                    "mlflow/runs/log-batch", .object(["run_id": .string(id), field: .array(batch)]))
            }
        }
    }

    /// Without the logged model, which has another id there.
    @Sendable private static func plainPoint(_ point: JSONValue) -> JSONValue {
        guard case .object(var members) = point else { return point }
        members["model_id"] = nil
        return .object(members)
    }

    static func tag(_ tags: JSONValue?, _ key: String) -> String? {
        (tags?.arrayValue ?? []).first { $0["key"]?.stringValue == key }?["value"]?.stringValue
    }

    // MARK: artifacts

    private func copy(_ from: ArtifactPlace?, to: ArtifactPlace?, of what: String) async throws {
        guard let from, let to else { return }
        let files = try await from.files()
        guard !files.isEmpty else { return }
        guard case .proxy = to.way else {
            return await progress.leftOut(
                "\(files.count) artifacts of \(what): \(other.url) keeps artifacts where only its clients can write.")
        }
        let there = Dictionary(try await to.files().map { ($0.path, $0.bytes) }) { $1 }
        for file in files where there[file.path] == nil || there[file.path] != file.bytes {
            let response = try await ours.open(from.address(file.path))
            try await other.put(to.address(file.path), response.body, bytes: file.bytes)
            await progress.took("files")
            await progress.took("bytes", file.bytes ?? 0)
        }
    }

    // MARK: logged models

    private func exportLoggedModels(of experiment: JSONValue, to id: String) async throws {
        guard let ourID = experiment["experiment_id"]?.stringValue else { return }
        var there: [String: JSONValue] = [:]
        for model in try await other.loggedModels(of: id) {
            if let ourModel = Self.tag(model["info"]?["tags"], Self.modelTag) { there[ourModel] = model }
        }
        for model in try await ours.loggedModels(of: ourID) {
            guard let ourModel = model["info"]?["model_id"]?.stringValue else { continue }
            let made = try await there[ourModel].orElse { try await create(loggedModel: model, in: id) }
            guard let newID = made["info"]?["model_id"]?.stringValue else { continue }
            await names.set(loggedModel: newID, for: ourModel)
            guard made["info"]?["status"] == "LOGGED_MODEL_PENDING" else { continue }
            try await copy(
                ArtifactPlace.ofLoggedModel(model, at: ours), to: ArtifactPlace.ofLoggedModel(made, at: other),
                of: "logged model \(ourModel)")
            if let status = model["info"]?["status"], status != "LOGGED_MODEL_PENDING" {
                _ = try await other.send(
                    .PATCH, "mlflow/logged-models/\(newID)", ["model_id": .string(newID), "status": status])
            }
            await progress.took("logged_models")
        }
    }

    private func create(loggedModel model: JSONValue, in experiment: String) async throws -> JSONValue {
        let runs = await names.runs
        let run = model["info"]?["source_run_id"]?.stringValue.flatMap { runs[$0]?["info"]?["run_id"] }
        let tags =
            (model["info"]?["tags"]?.arrayValue ?? []) + [
                ["key": .string(Self.modelTag), "value": model["info"]?["model_id"] ?? ""]
            ]
        let made =
            try await other.post(
                "mlflow/logged-models",
                [
                    "experiment_id": .string(experiment), "name": model["info"]?["name"] ?? "",
                    "model_type": model["info"]?["model_type"] ?? "", "source_run_id": run ?? "",
                    "params": model["data"]?["params"] ?? [], "tags": .array(tags),
                ])["model"] ?? .null
        if let run, let id = made["info"]?["model_id"] {
            _ = try await other.post(
                "mlflow/runs/outputs", ["run_id": run, "models": [["model_id": id, "step": 0]]])
        }
        return made
    }
}

extension Optional {
    /// The value, or what is made where there is none.
    func orElse(_ make: () async throws -> Wrapped) async rethrows -> Wrapped {
        if let self { return self }
        return try await make()
    }
}
