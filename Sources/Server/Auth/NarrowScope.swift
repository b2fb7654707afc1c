internal import Domain
internal import Storage
internal import Wire

/// What one narrow key may name.
struct NarrowScope {
    let items: NarrowItemStore
    let model: String
    let keyID: String

    /// - Throws: `permissionDenied` unless the call names the key's model, or what the key has made, and nothing else.
    func check(_ rule: NarrowRule, _ fields: MLflowRequest) async throws {
        switch rule {
        case .free, .newRun: break
        case .newExperiment:
            // Runs would be stored below it, be it another run's folder.
            if let place = try fields.string("artifact_location"), !place.isEmpty {
                throw refusal("choose where files are")
            }
        case .run:
            let ids = [try fields.string("run_id"), try fields.string("run_uuid")].compactMap { $0 }.filter {
                !$0.isEmpty
            }
            guard !ids.isEmpty else { throw MLflowRequest.missing("run_id") }
            for id in ids { try await require(.run, id) }
            for id in try models(fields) { try await require(.loggedModel, id) }
        case .newLoggedModel:
            if let id = try fields.string("source_run_id"), !id.isEmpty { try await require(.run, id) }
        case .loggedModel(let id): try await require(.loggedModel, id)
        case .model: try requireModel(fields)
        case .newVersion:
            try requireModel(fields)
            try await checkSource(fields)
        case .ownVersion:
            try requireModel(fields)
            try await require(.version, versionID(try fields.integer("version")))
        case .artifact(let path, let isRead): try await requireArtifact(path, isRead: isRead)
        case .artifactList: try await requireArtifact(try fields.string("path") ?? "", isRead: true)
        case .runArtifact:
            let ids = [try fields.string("run_id"), try fields.string("run_uuid")].compactMap { $0 }
            guard !ids.isEmpty else { throw MLflowRequest.missing("run_id") }
            for id in ids { try await require(.run, id) }
        }
    }

    // MARK: what it makes

    func isNoted(_ rule: NarrowRule) -> Bool { [.newRun, .newLoggedModel, .newVersion].contains(rule) }

    func note(_ rule: NarrowRule, _ answer: JSONValue) async throws {
        switch rule {
        case .newRun:
            let info = answer["run"]?["info"]
            try await note(.run, info?["run_id"]?.stringValue, info?["artifact_uri"]?.stringValue)
        case .newLoggedModel:
            let info = answer["model"]?["info"]
            try await note(.loggedModel, info?["model_id"]?.stringValue, info?["artifact_uri"]?.stringValue)
        case .newVersion:
            let version = answer["model_version"]?["version"]
            try await note(
                .version, versionID(version?.stringValue.flatMap { Int64($0) } ?? version?.intValue), nil)
        default: break
        }
    }

    private func note(_ kind: NarrowItemStore.Kind, _ id: String?, _ artifactURI: String?) async throws {
        guard let id else { throw MartletError(.internal, "The answer does not name what the key has made.") }
        try await items.note(kind, id, artifactURI: artifactURI, key: keyID)
    }

    // MARK: what it names

    private func refusal(_ what: String) -> MartletError { NarrowKeyMiddleware.refusal(model, what) }

    private func require(_ kind: NarrowItemStore.Kind, _ id: String) async throws {
        guard try await items.has(kind, id, key: keyID) else {
            throw refusal("use the \(kind.rawValue.replacing("_", with: " ")) \(id)")
        }
    }

    private func requireModel(_ fields: MLflowRequest) throws {
        let name = try fields.required("name")
        guard isModel(name) else { throw refusal("use the model '\(name)'") }
    }

    /// Byte by byte: the registry holds names apart that Unicode calls equivalent.
    private func isModel(_ name: String) -> Bool { name.utf8.elementsEqual(model.utf8) }

    private func versionID(_ number: Int64?) -> String { "\(model)/\(number ?? 0)" }

    private func requireArtifact(_ path: String, isRead: Bool) async throws {
        if isRead, let place = VersionPath(parsing: path), isModel(place.id.model) { return }
        guard try await items.hasArtifact(path, key: keyID) else { throw refusal("use the artifacts at '\(path)'") }
    }

    /// Logged models that a metric, an input or an output is linked to.
    private func models(_ fields: MLflowRequest) throws -> [String] {
        let linked = try fields.objects("metrics") + fields.objects("models") + [fields]
        return try linked.compactMap { try $0.string("model_id") }.filter { !$0.isEmpty }
    }

    /// A version takes a copy of the files at its source: only of the key's own work, or of its model.
    private func checkSource(_ fields: MLflowRequest) async throws {
        if let id = try fields.string("run_id"), !id.isEmpty { try await require(.run, id) }
        if let id = try fields.string("model_id"), !id.isEmpty { try await require(.loggedModel, id) }
        let source = try fields.required("source")
        func rest(after prefix: String) -> String? {
            source.hasPrefix(prefix) ? String(source.dropFirst(prefix.count)) : nil
        }
        if source.contains("..") { throw refusal("register '\(source)'") }
        if let id = rest(after: "models:/"), id.hasPrefix("m-") { return try await require(.loggedModel, id) }
        if let version = rest(after: "models:/") {
            guard isModel(version.split(separator: "/").first.map(String.init) ?? "") else {
                throw refusal("register '\(source)'")
            }
            return
        }
        if let path = rest(after: "runs:/") {
            return try await require(.run, path.split(separator: "/").first.map(String.init) ?? "")
        }
        guard let path = ArtifactPath.path(uri: source) else { throw refusal("register '\(source)'") }
        try await requireArtifact(path, isRead: true)
    }
}
