internal import AsyncHTTPClient
internal import Crypto
internal import Domain
internal import Foundation
internal import NIOCore
internal import Wire

/// Reads an MLflow server through its REST API and fills a Martlet server with it: experiments, then runs and logged models with
/// their metrics and artifacts, then registered models, versions and aliases. Every step can be repeated, so that an import that
/// was broken off goes on where it was.
struct Importer: Sendable {
    let source: MLflowServer
    let target: ImportTarget
    /// Runs at a time.
    let concurrency: Int
    let progress: ImportProgress

    /// Ids of the source's experiments, with those that they have at the target.
    typealias ExperimentMap = [String: String]

    func run() async throws -> ExperimentMap {
        await progress.begin("experiments")
        let experiments = try await importExperiments()
        await progress.begin("runs")
        try await importRuns(experiments)
        await progress.begin("logged models")
        try await importLoggedModels(experiments)
        await progress.begin("registered models")
        try await importRegistry()
        return experiments
    }

    // MARK: experiments

    /// Where the source's experiments are, without changing anything: by the names that both have.
    func knownExperiments() async throws -> ExperimentMap {
        let here = Dictionary(
            try await target.server.experiments().map {
                ($0["name"]?.stringValue ?? "", $0["experiment_id"]?.stringValue ?? "")
            }
        ) { $1 }
        var map: ExperimentMap = [:]
        for experiment in try await source.experiments() {
            guard let id = experiment["experiment_id"]?.stringValue, let name = experiment["name"]?.stringValue else {
                continue
            }
            map[id] = here[name]
        }
        return map
    }

    private func importExperiments() async throws -> ExperimentMap {
        let found = try await source.experiments()
        var map: ExperimentMap = [:]
        for batch in found.chunks(of: 200) {
            let outcomes = try await target.send("experiments", batch)
            await progress.note(outcomes)
            for outcome in outcomes {
                if let id = outcome["id"]?.stringValue, let newID = outcome["new_id"]?.stringValue { map[id] = newID }
            }
        }
        await progress.found(experiments: found.count)
        return map
    }

    // MARK: runs

    private func importRuns(_ experiments: ExperimentMap) async throws {
        let completed = try await target.completed("run")
        for (id, newID) in experiments.sorted(by: { $0.key < $1.key }) {
            try await source.runs(of: id) { runs in
                await progress.found(runs: runs.count)
                try await runs.forEach(atOnce: concurrency) { run in
                    try await importRun(run, experiment: newID, completed: completed)
                }
            }
        }
    }

    private func importRun(_ run: JSONValue, experiment: String, completed: [String: String]) async throws {
        guard let id = run["info"]?["run_id"]?.stringValue else { return }
        let fingerprint = Self.fingerprint(run)
        if completed[id] == fingerprint { return await progress.took(run: true) }
        let outcomes = try await target.send("runs", [run])
        await progress.note(outcomes)
        guard outcomes.first?["result"] != "refused" else { return await progress.took(run: true) }
        for metric in run["data"]?["metrics"]?.arrayValue ?? [] {
            guard let key = metric["key"]?.stringValue else { continue }
            try await source.history(of: id, key) { points in
                for batch in points.chunks(of: ImportTarget.pointsMax) {
                    try await target.send("metrics", batch, ["run_id": .string(id)])
                    await progress.took(points: batch.count)
                }
            }
        }
        if let place = ArtifactPlace.ofRun(run, at: source) {
            try await copy(place, to: "\(experiment)/\(id)/artifacts")
        }
        try await target.complete("run", id: id, fingerprint: fingerprint)
        await progress.took(run: false)
    }

    /// Changes when anything that a search tells about it changes.
    private static func fingerprint(_ value: JSONValue) -> String {
        SHA256.hash(data: Data(JSONPrinter.print(value))).prefix(16).map {
            ($0 < 16 ? "0" : "") + String($0, radix: 16)
        }
        .joined()
    }

    // MARK: logged models

    private func importLoggedModels(_ experiments: ExperimentMap) async throws {
        let completed = try await target.completed("logged_model")
        for (id, newID) in experiments.sorted(by: { $0.key < $1.key }) {
            let models: [JSONValue]
            do {
                models = try await source.loggedModels(of: id)
            } catch let error as MartletError where error.code == .notFound {
                // MLflow before 3.0 has none.
                return
            }
            try await models.forEach(atOnce: concurrency) { model in
                guard let modelID = model["info"]?["model_id"]?.stringValue else { return }
                let fingerprint = Self.fingerprint(model)
                guard completed[modelID] != fingerprint else { return await progress.tookLoggedModel() }
                let outcomes = try await target.send("logged-models", [model])
                await progress.note(outcomes)
                guard outcomes.first?["result"] != "refused" else { return }
                if let place = ArtifactPlace.ofLoggedModel(model, at: source) {
                    try await copy(place, to: "\(newID)/models/\(modelID)/artifacts")
                }
                try await target.complete("logged_model", id: modelID, fingerprint: fingerprint)
                await progress.tookLoggedModel()
            }
        }
    }

    // MARK: registry

    private func importRegistry() async throws {
        let models = try await source.registeredModels()
        let names = Set(models.compactMap { $0["name"]?.stringValue })
        for batch in models.chunks(of: 100) { await progress.note(try await target.send("registered-models", batch)) }
        let versions = try await source.modelVersions().filter { names.contains($0["name"]?.stringValue ?? "") }
        for batch in versions.chunks(of: 20) {
            let batch = try await batch.asyncMap(reachable)
            await progress.note(try await target.send("model-versions", batch))
            await progress.took(models: 0, versions: batch.count)
        }
        for model in models {
            await progress.note(try await target.aliases(model))
            await progress.took(models: 1, versions: 0)
        }
    }

    /// A version whose source is a path of the other server's own store is known here by its run or logged model.
    private func reachable(_ version: JSONValue) async throws -> JSONValue {
        guard case .object(var members) = version, let address = version["source"]?.stringValue,
            !["mlflow-artifacts:", "runs:", "models:"].contains(where: address.hasPrefix)
        else { return version }
        if let match = address.firstMatch(of: #/\/models\/(m-[0-9a-f]{32})\/artifacts\/?$/#) {
            members["source"] = .string("models:/\(match.1)")
        } else if let runID = version["run_id"]?.stringValue, !runID.isEmpty {
            do {
                let run = try await source.get("mlflow/runs/get", [("run_id", runID)])
                let root = run["run"]?["info"]?["artifact_uri"]?.stringValue ?? ""
                if !root.isEmpty, address.hasPrefix(root + "/") {
                    members["source"] = .string("runs:/\(runID)/\(address.dropFirst(root.count + 1))")
                }
            } catch let error as MartletError where error.code == .notFound {
                // The run is gone for good; the version is taken over without its files.
                return version
            }
        }
        return .object(members)
    }

    // MARK: artifacts

    /// Copies what is not there yet. A file that is there in the same size was stored whole: the target knows no half file.
    private func copy(_ place: ArtifactPlace, to folder: String) async throws {
        let files = try await place.files()
        guard !files.isEmpty else { return }
        let there = try await target.files(folder)
        for file in files {
            if let bytes = file.bytes, there[file.path]?.bytes == bytes {
                await progress.hasFile()
                continue
            }
            let digest = try await transfer(place.address(file.path), to: "\(folder)/\(file.path)", bytes: file.bytes)
            await progress.took(file: "\(folder)/\(file.path)", bytes: digest.bytes, digest: digest.digest)
        }
    }

    private func transfer(
        _ address: String, to path: String, bytes: Int64?
    ) async throws -> (bytes: Int64, digest: String) {
        var attempt = 1
        while true {
            do {
                let response = try await source.open(address)
                let hashed = HashedBody()
                let body = response.body.map { piece in
                    hashed.take(piece)
                    return piece
                }
                let place = ArtifactPlace(server: target.server, way: .proxy(path))
                try await target.server.put(place.folderAddress, body, bytes: bytes)
                return (hashed.bytes, hashed.digest)
            } catch let error as MartletError where error.code == .unavailable && attempt < MLflowServer.attemptsMax {
                try await Task.sleep(for: .milliseconds(200 << attempt))
                attempt += 1
            }
        }
    }
}

extension ArtifactPlace {
    /// The address of the place itself, where it is one file of the proxy.
    var folderAddress: String {
        guard case .proxy(let path) = way else { return "" }
        return "/api/2.0/mlflow-artifacts/artifacts/"
            + path.split(separator: "/", omittingEmptySubsequences: false).map { APIClient.escaped(String($0)) }
            .joined(separator: "/")
    }
}

extension Array where Element: Sendable {
    /// Works through the elements, some at a time; the first failure ends it.
    func forEach(
        atOnce count: Int, _ body: @escaping @Sendable (Element) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var rest = self[...]
            for _ in 0..<count {
                guard let item = rest.popFirst() else { break }
                group.addTask { try await body(item) }
            }
            while try await group.next() != nil {
                if let item = rest.popFirst() { group.addTask { try await body(item) } }
            }
        }
    }

    /// One after the other.
    func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}

extension Array {
    /// The elements in order, in groups of at most `count`.
    func chunks(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}
