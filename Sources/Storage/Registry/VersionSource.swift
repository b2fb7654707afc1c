internal import Domain

/// Where a version's files come from, with their digests and their authors at this moment.
struct VersionSource {
    /// Files of one version at most: all of them are written in one transaction.
    static let filesMax = 10_000
    /// Bytes of a source at most.
    static let bytesMax = 2_048

    var runID: String?
    var loggedModelID: String?
    var artifactRoot: String
    var files: [VersionFile]
    /// Principal ids of whose work it is, beside the one who registers it.
    var authors: Set<String> = []
    /// What the reader of the version must know about its source; empty where all is as usual.
    var message = ""

    /// Follows `models:/m-…`, `models:/name/version`, `runs:/…` and `mlflow-artifacts:/…`, and notes the address of what is kept
    /// elsewhere. As in MLflow, a source without files is registered, unless the draft needs them; its message says what that
    /// means.
    ///
    /// - Throws: `invalidArgument` for a source that the server cannot follow, or that is not inside the run or logged model that
    ///   it is said to be of; `notFound` for a logged model or version that does not exist.
    static func resolve(_ sql: SQLConnection, _ draft: RegistryStore.VersionDraft) throws -> VersionSource {
        let source = draft.source
        guard source.utf8.count <= bytesMax, !source.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw MartletError.invalid(
                "Invalid model version source: it may have \(bytesMax) bytes and no control characters.",
                field: "source")
        }
        if ArtifactPath.isElsewhere(source) { return try elsewhere(sql, draft) }
        var found = try followed(sql, draft)
        if found.message.isEmpty, found.files.isEmpty {
            guard !draft.needsFiles else {
                throw MartletError.invalid(
                    "Invalid model version source: '\(source)' has no files, and those of a model with a policy must. Log the model first, then register it.",
                    field: "source")
            }
            // Whatever comes there later is not of this version.
            found.artifactRoot = ""
            found.message =
                "There were no files at its source when this version was registered: it cannot be prepared, served or rolled out."
        }
        try found.addAuthors(sql)
        return found
    }

    private static func followed(_ sql: SQLConnection, _ draft: RegistryStore.VersionDraft) throws -> VersionSource {
        let source = draft.source
        if source.hasPrefix("models:/m-") {
            return try loggedModel(sql, id: String(source.dropFirst("models:/".count)), runID: draft.runID)
        }
        if source.hasPrefix("models:/") {
            let parts = source.dropFirst("models:/".count).split(separator: "/").map(String.init)
            guard parts.count == 2, let number = Int(parts[1]) else { throw unusable(source) }
            return try copy(sql, ModelVersionID(model: parts[0], version: number))
        }
        if source.hasPrefix("runs:/") {
            let parts = source.dropFirst("runs:/".count).split(separator: "/", maxSplits: 1).map(String.init)
            guard let runID = parts.first else { throw unusable(source) }
            return try self.run(sql, id: runID, name: parts.count > 1 ? parts[1] : "", draft)
        }
        guard let path = ArtifactPath.path(uri: source) else { throw unusable(source) }
        do { try ArtifactPath.check(path) } catch { throw unusable(source) }
        if let place = VersionPath(parsing: path) {
            guard place.file.isEmpty else { throw unusable(source) }
            return try copy(sql, place.id)
        }
        return try underPath(sql, path: path, draft: draft)
    }

    private static func unusable(_ source: String) -> MartletError {
        .invalid(
            "Invalid model version source: '\(source)'. To use a local path as a model version source is not possible: the server cannot read it. Use models:/…, runs:/…, the mlflow-artifacts:/… location of the run or logged model, or the address of a store that clients can reach.",
            field: "source")
    }

    // MARK: kept elsewhere

    private static let elsewhereText =
        "Martlet does not keep the files of this version, which are at its source: it cannot be prepared, served or rolled out."

    private static func elsewhere(_ sql: SQLConnection, _ draft: RegistryStore.VersionDraft) throws -> VersionSource {
        if let modelID = draft.loggedModelID { _ = try LoggedModelStore.model(sql, id: modelID) }
        var found = VersionSource(
            runID: draft.runID, loggedModelID: draft.loggedModelID, artifactRoot: "", files: [],
            message: elsewhereText)
        try found.addAuthors(sql)
        return found
    }

    // MARK: kept here

    private static func loggedModel(_ sql: SQLConnection, id: String, runID: String?) throws -> VersionSource {
        let model = try LoggedModelStore.model(sql, id: id)
        guard let root = ArtifactPath.path(uri: model.artifactURI) else {
            let run = model.sourceRunID.isEmpty ? runID : model.sourceRunID
            return VersionSource(runID: run, loggedModelID: id, artifactRoot: "", files: [], message: elsewhereText)
        }
        guard model.status != .uploadFailed else {
            throw MartletError.invalid(
                "The upload of the logged model \(id) failed, so that its files are not complete. Log it again.",
                field: "source")
        }
        let run = model.sourceRunID.isEmpty ? runID : model.sourceRunID
        return try with(sql, root: root, runID: run, loggedModelID: id)
    }

    private static func copy(_ sql: SQLConnection, _ id: ModelVersionID) throws -> VersionSource {
        let version = try RegistryStore.version(sql, id)
        let key: [SQLValue] = [.text(id.model), .integer(id.version)]
        let rows = try sql.rows(
            "SELECT path, digest, bytes FROM model_version_files WHERE name = $1 AND version = $2 ORDER BY path", key)
        let files = try rows.map {
            VersionFile(path: try $0.text("path"), digest: try $0.text("digest"), bytes: try $0.integer("bytes"))
        }
        var found = VersionSource(
            runID: version.runID, loggedModelID: version.loggedModelID, artifactRoot: version.artifactRoot,
            files: files, message: version.statusMessage)
        try found.addAuthors(sql, of: version.id)
        return found
    }

    /// A run's artifact folder; since MLflow 3 the files of `runs:/…/name` may lie with the logged model of that name.
    private static func run(
        _ sql: SQLConnection, id: String, name: String, _ draft: RegistryStore.VersionDraft
    ) throws -> VersionSource {
        if !name.isEmpty { do { try ArtifactPath.check(name) } catch { throw unusable(draft.source) } }
        let row = try sql.row("SELECT artifact_uri FROM runs WHERE run_id = $1", [.text(id)])
        // MLflow does not look whether there is such a run.
        guard let uri = try row?.text("artifact_uri"), let folder = ArtifactPath.path(uri: uri) else {
            return VersionSource(
                runID: draft.runID ?? id, loggedModelID: nil, artifactRoot: "", files: [],
                message: row == nil ? "" : elsewhereText)
        }
        if let runID = draft.runID, runID != id { throw outside(draft.source, "the run \(runID)") }
        let found = try with(sql, root: name.isEmpty ? folder : folder + "/" + name, runID: id, loggedModelID: nil)
        if found.files.isEmpty {
            let row = try sql.row(
                """
                SELECT model_id FROM logged_models WHERE source_run_id = $1 AND name = $2 AND deleted = 0
                ORDER BY created_at DESC LIMIT 1
                """, [.text(id), .text(name)])
            if let row { return try loggedModel(sql, id: try row.text("model_id"), runID: id) }
        }
        return found
    }

    private static func underPath(
        _ sql: SQLConnection, path: String, draft: RegistryStore.VersionDraft
    ) throws -> VersionSource {
        let owner = try ArtifactOwner.find(sql, path: path)
        if let modelID = draft.loggedModelID {
            let model = try loggedModel(sql, id: modelID, runID: draft.runID)
            guard owner.loggedModelID == modelID else { throw outside(path, "the logged model \(modelID)") }
            return try with(sql, root: path, runID: model.runID, loggedModelID: modelID)
        }
        if let runID = draft.runID {
            guard owner.runID == runID else { throw outside(path, "the run \(runID)") }
        }
        if let modelID = owner.loggedModelID {
            _ = try loggedModel(sql, id: modelID, runID: owner.runID)
        }
        var found = try with(sql, root: path, runID: owner.runID, loggedModelID: owner.loggedModelID)
        if owner == ArtifactOwner() {
            guard !found.files.isEmpty else {
                throw MartletError.invalid(
                    "Invalid model version source: '\(draft.source)' has no files and is of no run or logged model.",
                    field: "source")
            }
            found.message = "Its files belong to no run and no logged model."
        }
        return found
    }

    private static func outside(_ path: String, _ what: String) -> MartletError {
        .invalid(
            "Invalid model version source: '\(path)' is not inside the artifacts of \(what). The request parameter must identify the resource that contains the source.",
            field: "source")
    }

    private static func with(
        _ sql: SQLConnection, root: String, runID: String?, loggedModelID: String?
    ) throws -> VersionSource {
        let rows = try ArtifactStore.rows(sql, under: root + "/", limit: filesMax + 1)
        guard rows.count <= filesMax else {
            throw MartletError.invalid(
                "Invalid model version source: it has more than \(filesMax) files, and a version may have \(filesMax). Pack them into an archive.",
                field: "source")
        }
        return VersionSource(
            runID: runID, loggedModelID: loggedModelID, artifactRoot: root,
            files: try rows.map { row in
                VersionFile(
                    path: ArtifactStore.relative(try row.text("path"), to: root), digest: try row.text("digest"),
                    bytes: try row.integer("bytes"))
            }, authors: Set(try rows.map { try $0.text("stored_by") }))
    }

    /// Whose work is in another version.
    mutating func addAuthors(_ sql: SQLConnection, of id: ModelVersionID) throws {
        let rows = try sql.rows(
            """
            SELECT principal_id FROM model_version_authors WHERE name = $1 AND version = $2
            UNION SELECT created_by FROM model_versions WHERE name = $1 AND version = $2
            """, [.text(id.model), .integer(id.version)])
        for row in rows { authors.insert(try row.text("principal_id")) }
    }

    /// Who made the run and the logged model that it is of.
    private mutating func addAuthors(_ sql: SQLConnection) throws {
        for (table, key, id) in [("runs", "run_id", runID), ("logged_models", "model_id", loggedModelID)] {
            guard let id else { continue }
            let row = try sql.row("SELECT created_by FROM \(table) WHERE \(key) = $1", [.text(id)])
            if let author = try row?.text("created_by") { authors.insert(author) }
        }
    }
}
