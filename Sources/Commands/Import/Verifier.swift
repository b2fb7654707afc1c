internal import AsyncHTTPClient
internal import Crypto
internal import Domain
internal import Foundation

/// Compares what a source holds with what is here, thing by thing, through the same API at both: fields, parameters and tags,
/// every point of every metric, and the digest of every artifact. What is only here is no difference.
struct Verifier: Sendable {
    let source: MLflowServer
    let target: ImportTarget
    let concurrency: Int
    let progress: ImportProgress
    let report = VerificationReport()

    func run(_ experiments: Importer.ExperimentMap) async throws {
        await progress.checked("comparing experiments")
        try await compareExperiments(experiments)
        await progress.checked("comparing runs")
        for (id, newID) in experiments.sorted(by: { $0.key < $1.key }) {
            var here: [String: JSONValue] = [:]
            try await target.server.runs(of: newID) { runs in
                for run in runs { if let id = run["info"]?["run_id"]?.stringValue { here[id] = run } }
            }
            let found = here
            try await source.runs(of: id) { runs in
                try await runs.forEach(atOnce: concurrency) { run in
                    try await compareRun(run, found, experiment: newID)
                }
            }
            try await compareLoggedModels(id, newID)
        }
        await progress.checked("comparing registered models")
        try await compareRegistry()
    }

    // MARK: experiments

    private func compareExperiments(_ experiments: Importer.ExperimentMap) async throws {
        let here = Dictionary(
            try await target.server.experiments().map { ($0["experiment_id"]?.stringValue ?? "", $0) }
        ) { $1 }
        for experiment in try await source.experiments() {
            let id = experiment["experiment_id"]?.stringValue ?? ""
            let other = experiments[id].flatMap { here[$0] }
            await report.count(.experiments, source: 1, here: other == nil ? 0 : 1)
            guard let other else {
                await report.differs(.experiments, "The experiment \(id) is not here.")
                continue
            }
            for field in ["name", "lifecycle_stage"] where experiment[field] != other[field] {
                await report.differs(.experiments, "The experiment \(id) has another \(field) here.")
            }
            if let key = Self.missing(experiment["tags"], in: other["tags"]) {
                await report.differs(.experiments, "The tag \(key) of experiment \(id) is another here.")
            }
        }
    }

    // MARK: runs

    private func compareRun(
        _ run: JSONValue, _ here: [String: JSONValue], experiment: String
    ) async throws {
        let id = run["info"]?["run_id"]?.stringValue ?? ""
        let other = here[id]
        await report.count(.runs, source: 1, here: other == nil ? 0 : 1)
        guard let other else { return await report.differs(.runs, "The run \(id) is not here.") }
        if let difference = Self.difference(run, other) {
            await report.differs(.runs, "The run \(id) differs in \(difference).")
        }
        for metric in run["data"]?["metrics"]?.arrayValue ?? [] {
            guard let key = metric["key"]?.stringValue else { continue }
            let (theirs, ours) = (
                try await MetricDigest.of(id, key, at: source), try await MetricDigest.of(id, key, at: target.server)
            )
            await report.count(.metricPoints, source: theirs.points, here: ours.points)
            if theirs != ours {
                await report.differs(.metricPoints, "The history of metric \(key) of run \(id) is another here.")
            }
        }
        if let place = ArtifactPlace.ofRun(run, at: source) {
            try await compareFiles(place, folder: "\(experiment)/\(id)/artifacts", of: "run \(id)")
        }
        await progress.checked("comparing runs")
    }

    private static func difference(_ run: JSONValue, _ other: JSONValue) -> String? {
        for field in ["run_name", "user_id", "status", "start_time", "end_time", "lifecycle_stage"] {
            let theirs = run["info"]?[field]
            if theirs != other["info"]?[field], theirs != nil, theirs != .int(0), theirs != "" { return field }
        }
        if let key = missing(run["data"]?["params"], in: other["data"]?["params"]) { return "param \(key)" }
        if let key = missing(run["data"]?["tags"], in: other["data"]?["tags"]) { return "tag \(key)" }
        if datasets(run) != datasets(other) { return "data sets" }
        for (group, list) in [("inputs", "model_inputs"), ("outputs", "model_outputs")] {
            func ids(_ run: JSONValue) -> Set<String> {
                Set((run[group]?[list]?.arrayValue ?? []).compactMap { $0["model_id"]?.stringValue })
            }
            if !ids(run).isSubset(of: ids(other)) { return list }
        }
        return nil
    }

    private static func datasets(_ run: JSONValue) -> Set<JSONValue> {
        Set(
            (run["inputs"]?["dataset_inputs"]?.arrayValue ?? []).map { input in
                let tags = (input["tags"]?.arrayValue ?? []).map { "\($0["key"] ?? .null)\($0["value"] ?? .null)" }
                return [
                    "dataset": input["dataset"] ?? .null, "tags": .array(tags.sorted().map { .string($0) }),
                ]
            })
    }

    /// The first key that is not there with the same value.
    private static func missing(_ pairs: JSONValue?, in others: JSONValue?) -> String? {
        let here = map(others)
        return map(pairs).first { here[$0.key] != $0.value }?.key
    }

    private static func map(_ pairs: JSONValue?) -> [String: String] {
        var map: [String: String] = [:]
        for pair in pairs?.arrayValue ?? [] {
            if let key = pair["key"]?.stringValue { map[key] = pair["value"]?.stringValue ?? "" }
        }
        return map
    }

    // MARK: logged models

    private func compareLoggedModels(_ id: String, _ newID: String) async throws {
        let models: [JSONValue]
        do {
            models = try await source.loggedModels(of: id)
        } catch let error as MartletError where error.code == .notFound {
            return
        }
        let here = Dictionary(
            try await target.server.loggedModels(of: newID).map { ($0["info"]?["model_id"]?.stringValue ?? "", $0) }
        ) { $1 }
        try await models.forEach(atOnce: concurrency) { model in
            let modelID = model["info"]?["model_id"]?.stringValue ?? ""
            let other = here[modelID]
            await report.count(.loggedModels, source: 1, here: other == nil ? 0 : 1)
            guard let other else {
                return await report.differs(.loggedModels, "The logged model \(modelID) is not here.")
            }
            for field in ["name", "model_type", "source_run_id", "status"]
            where (model["info"]?[field]?.stringValue ?? "") != (other["info"]?[field]?.stringValue ?? "") {
                await report.differs(.loggedModels, "The logged model \(modelID) has another \(field) here.")
            }
            for (group, list) in [("info", "tags"), ("data", "params")] {
                if let key = Self.missing(model[group]?[list], in: other[group]?[list]) {
                    await report.differs(
                        .loggedModels, "The logged model \(modelID) has another \(key) in its \(list) here.")
                }
            }
            if !Self.metrics(model).isSubset(of: Self.metrics(other)) {
                await report.differs(.loggedModels, "The logged model \(modelID) has other metrics here.")
            }
            if let place = ArtifactPlace.ofLoggedModel(model, at: source) {
                try await compareFiles(
                    place, folder: "\(newID)/models/\(modelID)/artifacts", of: "logged model \(modelID)")
            }
        }
    }

    private static func metrics(_ model: JSONValue) -> Set<String> {
        Set(
            (model["data"]?["metrics"]?.arrayValue ?? []).map { metric in
                "\(Column.plain(metric["key"])) \(Column.plain(metric["step"])) \(Column.plain(metric["timestamp"])) \(MetricDigest.bits(metric["value"])) \(Column.plain(metric["dataset_name"]))"
            })
    }

    // MARK: artifacts

    private func compareFiles(_ place: ArtifactPlace, folder: String, of what: String) async throws {
        let files = try await place.files()
        guard !files.isEmpty else { return }
        let here = try await target.files(folder)
        for file in files {
            let ours = here[file.path]
            await report.count(.artifacts, source: 1, here: ours == nil ? 0 : 1)
            guard let ours else {
                await report.differs(.artifacts, "The artifact \(file.path) of \(what) is not here.")
                continue
            }
            let theirs = try await digest(place, file, as: "\(folder)/\(file.path)")
            await report.count(.artifactBytes, source: file.bytes ?? ours.bytes, here: ours.bytes)
            if theirs != ours.digest {
                await report.differs(.artifacts, "The artifact \(file.path) of \(what) has other bytes here.")
            }
        }
    }

    /// Of what passed through a moment ago the digest is known; the rest is read again.
    private func digest(_ place: ArtifactPlace, _ file: ArtifactPlace.File, as path: String) async throws -> String {
        if let known = await progress.digest(path) { return known }
        let hashed = HashedBody()
        for try await piece in try await place.server.open(place.address(file.path)).body { hashed.take(piece) }
        return hashed.digest
    }

    // MARK: registry

    private func compareRegistry() async throws {
        let models = try await source.registeredModels()
        let names = Set(models.compactMap { $0["name"]?.stringValue })
        let here = Dictionary(
            try await target.server.registeredModels().map { ($0["name"]?.stringValue ?? "", $0) }
        ) { $1 }
        for model in models {
            let name = model["name"]?.stringValue ?? ""
            let other = here[name]
            await report.count(.registeredModels, source: 1, here: other == nil ? 0 : 1)
            guard let other else {
                await report.differs(.registeredModels, "The registered model \(name) is not here.")
                continue
            }
            if let text = model["description"]?.stringValue, !text.isEmpty, other["description"]?.stringValue != text {
                await report.differs(.registeredModels, "The registered model \(name) has another description here.")
            }
            if let key = Self.missing(model["tags"], in: other["tags"]) {
                await report.differs(.registeredModels, "The tag \(key) of registered model \(name) is another here.")
            }
            try await compareAliases(name, model, other)
        }
        try await compareVersions(names)
    }

    private func compareAliases(_ name: String, _ model: JSONValue, _ other: JSONValue) async throws {
        func aliases(_ model: JSONValue) -> [String: String] {
            var map: [String: String] = [:]
            for alias in model["aliases"]?.arrayValue ?? [] {
                map[Column.plain(alias["alias"])] = Column.plain(alias["version"])
            }
            return map
        }
        let (theirs, ours) = (aliases(model), aliases(other))
        for (alias, version) in theirs {
            await report.count(.aliases, source: 1, here: ours[alias] == nil ? 0 : 1)
            if ours[alias] != version {
                await report.differs(
                    .aliases, "The alias \(alias) of \(name) names version \(ours[alias] ?? "none") here.")
            }
        }
    }

    private func compareVersions(_ names: Set<String>) async throws {
        func key(_ version: JSONValue) -> String {
            "\(Column.plain(version["name"]))/\(Column.plain(version["version"]))"
        }
        let here = Dictionary(try await target.server.modelVersions().map { (key($0), $0) }) { $1 }
        for version in try await source.modelVersions() where names.contains(Column.plain(version["name"])) {
            let other = here[key(version)]
            await report.count(.versions, source: 1, here: other == nil ? 0 : 1)
            guard let other else {
                await report.differs(.versions, "The version \(key(version)) is not here.")
                continue
            }
            for field in ["creation_timestamp", "current_stage", "description", "run_id"] {
                let theirs = Column.plain(version[field])
                // This server names the run also where the other did not.
                if theirs.isEmpty || theirs == "-" { continue }
                if theirs != Column.plain(other[field]) {
                    await report.differs(.versions, "The version \(key(version)) has another \(field) here.")
                }
            }
            if let tag = Self.missing(version["tags"], in: other["tags"]) {
                await report.differs(.versions, "The tag \(tag) of version \(key(version)) is another here.")
            }
        }
    }
}
