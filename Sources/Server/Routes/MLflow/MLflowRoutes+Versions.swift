internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

extension MLflowRoutes {
    func addVersions(to table: MLflowRouteTable) {
        table.post("model-versions/create") { request, principal in
            let name = try request.required("name")
            try confine(principal, to: name)
            try Self.refusePrompt(request)
            let version = try await registry.createVersion(
                RegistryStore.VersionDraft(
                    name: name, source: try request.required("source"), runID: try text(request, "run_id"),
                    loggedModelID: try text(request, "model_id"), runLink: try text(request, "run_link"),
                    description: try request.string("description"), tags: try Self.map(request, "tags"),
                    needsFiles: try await isGoverned(name)),
                by: principal)
            versionListener.versionCreated(version.id)
            return answer(version)
        }
        table.getBriefly("model-versions/get") { request, _ in answer(try await registry.version(try named(request))) }
        table.patch("model-versions/update") { request, principal in
            let id = try named(request)
            try confine(principal, to: id.model)
            return answer(
                try await registry.updateVersion(id, description: try request.string("description"), by: principal))
        }
        table.post("model-versions/transition-stage") { request, principal in
            let id = try named(request)
            try confine(principal, to: id.model)
            let version = try await registry.transition(
                id, to: try stage(try request.required("stage")),
                archiveOthers: try request.bool("archive_existing_versions") ?? false, by: principal)
            return answer(version)
        }
        table.delete("model-versions/delete") { request, principal in
            let id = try named(request)
            try confine(principal, to: id.model)
            try await refuseDeletingChampion(id)
            try await registry.deleteVersion(id, by: principal)
            return [:]
        }
        table.get("model-versions/search") { request, _ in
            let detail = try Self.detail(request)
            let page = try await registry.searchVersions(
                filter: try SearchGrammar.modelVersions.filter(
                    try request.string("filter"), dialect: request.dialect),
                order: try SearchGrammar.modelVersions.order(try request.strings("order_by")),
                limit: try Self.limit(request, default: 10_000, max: 200_000),
                offset: try MLflowPageToken.decode(try request.string("page_token")), detail: detail)
            return MLflowAnswer.page(
                "model_versions", page.items.map { MLflowAnswer.modelVersion($0, detail) },
                nextOffset: page.nextOffset)
        }
        table.get("model-versions/get-download-uri") { request, _ in
            ["artifact_uri": .string(try await location(try await registry.version(try named(request))))]
        }
        table.post("model-versions/set-tag") { request, principal in
            let id = try named(request)
            try confine(principal, to: id.model)
            try await registry.setVersionTag(
                id, key: try request.required("key"), value: try request.string("value") ?? "", by: principal)
            return [:]
        }
        table.delete("model-versions/delete-tag") { request, principal in
            let id = try named(request)
            try confine(principal, to: id.model)
            try await registry.deleteVersionTag(id, key: try request.required("key"), by: principal)
            return [:]
        }
    }

    /// Copies of copies that are followed to what they are of.
    private static let copiesMax = 16

    /// Where a client reads a version's files. What the server does not keep, the client may reach itself.
    private func location(_ version: ModelVersion) async throws -> String {
        var version = version
        for _ in 0..<Self.copiesMax {
            if !version.artifactRoot.isEmpty { return "mlflow-artifacts:/" + VersionPath(version.id).text }
            let parts = version.source.split(separator: "/")
            guard parts.count == 3, parts[0] == "models:", let number = Int(parts[2]) else { break }
            do {
                version = try await registry.version(ModelVersionID(model: String(parts[1]), version: number))
            } catch let error as MartletError where error.code == .notFound {
                break
            }
        }
        return version.source
    }

    private func refuseDeletingChampion(_ id: ModelVersionID) async throws {
        guard let alias = try await championGuard.championAlias(model: id.model) else { return }
        if try await registry.version(id).aliases.contains(alias) {
            throw MartletError(
                .permissionDenied,
                "Version \(id.version) of '\(id.model)' is the champion in production and cannot be deleted.")
        }
    }

    private func named(_ request: MLflowRequest) throws -> ModelVersionID {
        try version(request, model: try request.required("name"))
    }

    private func answer(_ version: ModelVersion) -> JSONValue { ["model_version": MLflowAnswer.modelVersion(version)] }

    func text(_ request: MLflowRequest, _ field: String) throws -> String? {
        guard let text = try request.string(field), !text.isEmpty else { return nil }
        return text
    }
}
