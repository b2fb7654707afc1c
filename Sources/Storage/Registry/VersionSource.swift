internal import Domain

/// Where a version's files come from, with their digests at this moment.
struct VersionSource {
    var runID: String?
    var loggedModelID: String?
    var artifactRoot: String
    var files: [VersionFile]

    /// Follows `models:/m-…`, `models:/name/version`, `runs:/…` and `mlflow-artifacts:/…`.
    static func resolve(_ sql: SQLConnection, _ draft: RegistryStore.VersionDraft) throws -> VersionSource {
        let source = draft.source
        if source.hasPrefix("models:/m-") {
            return try loggedModel(sql, id: String(source.dropFirst("models:/".count)), runID: draft.runID)
        }
        if source.hasPrefix("models:/") {
            return try copy(sql, reference: String(source.dropFirst("models:/".count)), source: source)
        }
        if source.hasPrefix("runs:/") {
            let parts = source.dropFirst("runs:/".count).split(separator: "/", maxSplits: 1).map(String.init)
            guard let runID = parts.first else { throw unusable(source) }
            let run = try RunStore.run(sql, id: runID)
            let root = (ArtifactPath.path(uri: run.artifactURI) ?? "") + (parts.count > 1 ? "/" + parts[1] : "")
            return try self.run(sql, id: runID, root: root, name: parts.count > 1 ? parts[1] : "")
        }
        guard let path = ArtifactPath.path(uri: source) else { throw unusable(source) }
        do { try ArtifactPath.check(path) } catch { throw unusable(source) }
        return try underPath(sql, path: path, draft: draft)
    }

    private static func unusable(_ source: String) -> MartletError {
        .invalid(
            "Invalid model version source: '\(source)'. Use models:/…, runs:/… or the mlflow-artifacts:/… location of the run or logged model.",
            field: "source")
    }

    private static func loggedModel(_ sql: SQLConnection, id: String, runID: String?) throws -> VersionSource {
        let model = try LoggedModelStore.model(sql, id: id)
        guard let root = ArtifactPath.path(uri: model.artifactURI) else { throw unusable(model.artifactURI) }
        let run = model.sourceRunID.isEmpty ? runID : model.sourceRunID
        return VersionSource(runID: run, loggedModelID: id, artifactRoot: root, files: try files(sql, under: root))
    }

    private static func copy(_ sql: SQLConnection, reference: String, source: String) throws -> VersionSource {
        let parts = reference.split(separator: "/").map(String.init)
        guard parts.count == 2, let number = Int(parts[1]) else { throw unusable(source) }
        let version = try RegistryStore.version(sql, ModelVersionID(model: parts[0], version: number))
        let rows = try sql.rows(
            "SELECT path, digest, bytes FROM model_version_files WHERE name = $1 AND version = $2 ORDER BY path",
            [.text(parts[0]), .integer(number)])
        let files = try rows.map {
            VersionFile(path: try $0.text("path"), digest: try $0.text("digest"), bytes: try $0.integer("bytes"))
        }
        return VersionSource(
            runID: version.runID, loggedModelID: version.loggedModelID, artifactRoot: version.artifactRoot, files: files
        )
    }

    /// A run's artifact folder; since MLflow 3 the files of `runs:/…/name` may lie with the logged model of that name.
    private static func run(_ sql: SQLConnection, id: String, root: String, name: String) throws -> VersionSource {
        let found = try files(sql, under: root)
        if found.isEmpty {
            let row = try sql.row(
                """
                SELECT model_id FROM logged_models WHERE source_run_id = $1 AND name = $2 AND deleted = 0
                ORDER BY created_at DESC LIMIT 1
                """, [.text(id), .text(name)])
            if let row { return try loggedModel(sql, id: try row.text("model_id"), runID: id) }
        }
        return VersionSource(runID: id, loggedModelID: nil, artifactRoot: root, files: found)
    }

    private static func underPath(
        _ sql: SQLConnection, path: String, draft: RegistryStore.VersionDraft
    ) throws -> VersionSource {
        if let modelID = draft.loggedModelID {
            let model = try loggedModel(sql, id: modelID, runID: draft.runID)
            try requireInside(path, model.artifactRoot, of: "the logged model \(modelID)")
            return VersionSource(
                runID: model.runID, loggedModelID: modelID, artifactRoot: path, files: try files(sql, under: path))
        }
        if let runID = draft.runID {
            let run = try RunStore.run(sql, id: runID)
            try requireInside(path, ArtifactPath.path(uri: run.artifactURI) ?? "", of: "the run \(runID)")
        }
        // A logged model's own folder names its run even where the client did not.
        let segments = path.split(separator: "/")
        if let index = segments.firstIndex(of: "models"), index + 1 < segments.count,
            segments[index + 1].hasPrefix("m-"),
            let model = try? loggedModel(sql, id: String(segments[index + 1]), runID: draft.runID)
        {
            return VersionSource(
                runID: model.runID, loggedModelID: model.loggedModelID, artifactRoot: path,
                files: try files(sql, under: path))
        }
        return VersionSource(
            runID: draft.runID, loggedModelID: nil, artifactRoot: path, files: try files(sql, under: path))
    }

    private static func requireInside(_ path: String, _ root: String, of what: String) throws {
        guard path == root || path.hasPrefix(root + "/") else {
            throw MartletError.invalid(
                "Invalid model version source: '\(path)' is not inside the artifacts of \(what).", field: "source")
        }
    }

    private static func files(_ sql: SQLConnection, under root: String) throws -> [VersionFile] {
        try ArtifactStore.rows(sql, under: root + "/").map { row in
            VersionFile(
                path: String(try row.text("path").dropFirst(root.count + 1)), digest: try row.text("digest"),
                bytes: try row.integer("bytes"))
        }
    }
}
