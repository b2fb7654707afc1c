internal import Domain

extension Exporter {
    func exportRegistry() async throws {
        let models = try await ours.registeredModels()
        for model in models { try await makeModel(model) }
        let there = try await other.modelVersions()
        /// Versions of the other server by `name/number` here.
        var known: [String: JSONValue] = [:]
        for version in there {
            guard let number = Self.tag(version["tags"], Self.versionTag) else { continue }
            known["\(Column.plain(version["name"]))/\(number)"] = version
        }
        for version in try await ours.modelVersions() {
            let key = Self.key(version)
            if known[key] == nil { known[key] = try await makeVersion(version, key) }
        }
        for model in models { try await setAliases(model, known) }
    }

    private static func key(_ version: JSONValue) -> String {
        "\(Column.plain(version["name"]))/\(Column.plain(version["version"]))"
    }

    private func makeModel(_ model: JSONValue) async throws {
        let name = model["name"] ?? ""
        do {
            _ = try await other.post(
                "mlflow/registered-models/create",
                ["name": name, "description": model["description"] ?? "", "tags": model["tags"] ?? []])
        } catch let error as MartletError where [.alreadyExists, .invalidArgument].contains(error.code) {
            // MLflow answers 400 for a name that is taken; anything else that is wrong shows in the next call.
            for tag in model["tags"]?.arrayValue ?? [] {
                _ = try await other.post(
                    "mlflow/registered-models/set-tag",
                    ["name": name, "key": tag["key"] ?? "", "value": tag["value"] ?? ""])
            }
        }
        await progress.took("registered_models")
    }

    /// - Returns: the version there; nil if it could not be made.
    private func makeVersion(_ version: JSONValue, _ key: String) async throws -> JSONValue? {
        guard let (source, run) = try await place(version) else {
            await progress.leftOut("The version \(key): its run and its logged model are not there.")
            return nil
        }
        let tags =
            (version["tags"]?.arrayValue ?? []) + [
                ["key": .string(Self.versionTag), "value": version["version"] ?? ""]
            ]
        var body: [String: JSONValue] = [
            "name": version["name"] ?? "", "source": .string(source), "description": version["description"] ?? "",
            "tags": .array(tags),
        ]
        if let run { body["run_id"] = .string(run) }
        let made = try await other.post("mlflow/model-versions/create", .object(body))["model_version"]
        await progress.took("versions")
        guard let made else { return nil }
        if made["version"] != version["version"] {
            await progress.leftOut("The number of version \(key): it is \(Column.plain(made["version"])) there.")
        }
        if let stage = version["current_stage"]?.stringValue, stage != "None" {
            _ = try await other.post(
                "mlflow/model-versions/transition-stage",
                [
                    "name": version["name"] ?? "", "version": made["version"] ?? "", "stage": .string(stage),
                    "archive_existing_versions": false,
                ])
        }
        return made
    }

    /// Where the version's files are at the other server, and the run that they are of.
    private func place(_ version: JSONValue) async throws -> (source: String, run: String?)? {
        let address = version["source"]?.stringValue ?? ""
        let models = await names.loggedModels
        let runs = await names.runs
        if let match = address.firstMatch(of: #/m-[0-9a-f]{32}/#), let id = models[String(match.0)] {
            return ("models:/\(id)", nil)
        }
        if address.hasPrefix("runs:/") {
            let parts = address.dropFirst("runs:/".count).split(separator: "/", maxSplits: 1).map(String.init)
            guard let first = parts.first, let run = runs[first] else { return nil }
            return Self.inside(run, parts.count > 1 ? parts[1] : "")
        }
        guard let path = ArtifactPlace.path(uri: address) else { return nil }
        let parts = path.split(separator: "/").map(String.init)
        guard let index = parts.firstIndex(where: { runs[$0] != nil }), parts.count > index + 1,
            parts[index + 1] == "artifacts", let run = runs[parts[index]]
        else { return nil }
        return Self.inside(run, parts.dropFirst(index + 2).joined(separator: "/"))
    }

    private static func inside(_ run: JSONValue, _ path: String) -> (source: String, run: String?)? {
        guard let root = run["info"]?["artifact_uri"]?.stringValue, let id = run["info"]?["run_id"]?.stringValue else {
            return nil
        }
        return (path.isEmpty ? root : "\(root)/\(path)", id)
    }

    private func setAliases(_ model: JSONValue, _ known: [String: JSONValue]) async throws {
        for alias in model["aliases"]?.arrayValue ?? [] {
            let key = "\(Column.plain(model["name"]))/\(Column.plain(alias["version"]))"
            guard let version = known[key]?["version"] else {
                await progress.leftOut("The alias \(Column.plain(alias["alias"])) of \(key).")
                continue
            }
            _ = try await other.post(
                "mlflow/registered-models/alias",
                ["name": model["name"] ?? "", "alias": alias["alias"] ?? "", "version": version])
        }
    }
}
