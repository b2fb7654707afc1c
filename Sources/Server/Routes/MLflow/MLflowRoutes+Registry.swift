internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

extension MLflowRoutes {
    func addRegistry(to table: MLflowRouteTable) {
        table.post("registered-models/create") { request, principal in
            let name = try request.required("name")
            try confine(principal, to: name)
            try Self.refusePrompt(request)
            return answer(
                try await registry.create(
                    name: name, description: try request.string("description"), tags: try Self.map(request, "tags"),
                    by: principal))
        }
        table.get("registered-models/get") { request, _ in
            answer(try await registry.model(try request.required("name")))
        }
        table.post("registered-models/rename") { request, principal in
            let name = try request.required("name")
            try confine(principal, to: name)
            let newName = try request.required("new_name")
            try confine(principal, to: newName)
            // A policy stays with its name, so that a rename would lead a model out of its rules, or past them into another's.
            try await refuseIfGoverned(name, "cannot be renamed")
            try await refuseIfGoverned(newName, "cannot be another model's new name")
            return answer(try await registry.rename(name, to: newName, by: principal))
        }
        table.patch("registered-models/update") { request, principal in
            let name = try request.required("name")
            try confine(principal, to: name)
            return answer(
                try await registry.update(name, description: try request.string("description"), by: principal))
        }
        table.delete("registered-models/delete") { request, principal in
            let name = try request.required("name")
            try confine(principal, to: name)
            try await refuseDeletingGoverned(name)
            try await registry.delete(name, by: principal)
            return [:]
        }
        table.get("registered-models/search") { request, _ in
            let detail = try Self.detail(request)
            let page = try await registry.search(
                filter: try SearchGrammar.registeredModels.filter(
                    try request.string("filter"), dialect: request.dialect),
                order: try SearchGrammar.registeredModels.order(try request.strings("order_by")),
                limit: try Self.limit(request, default: 100, max: 1000),
                offset: try MLflowPageToken.decode(try request.string("page_token")), detail: detail)
            return MLflowAnswer.page(
                "registered_models", page.items.map { MLflowAnswer.registeredModel($0, detail) },
                nextOffset: page.nextOffset)
        }
        table.search("registered-models/get-latest-versions", latestVersions)
        table.get("registered-models/get-latest-versions", latestVersions)
        table.post("registered-models/set-tag") { request, principal in
            let name = try request.required("name")
            try confine(principal, to: name)
            try await registry.setTag(
                name, key: try request.required("key"), value: try request.string("value") ?? "", by: principal)
            return [:]
        }
        table.delete("registered-models/delete-tag") { request, principal in
            let name = try request.required("name")
            try confine(principal, to: name)
            try await registry.deleteTag(name, key: try request.required("key"), by: principal)
            return [:]
        }
        addAliases(to: table)
    }

    private func addAliases(to table: MLflowRouteTable) {
        table.post("registered-models/alias") { request, principal in
            let name = try request.required("name")
            let alias = try request.required("alias")
            let number = try version(request, model: name).version
            try confine(principal, to: name)
            try await guardChampion(alias, of: name)
            try await registry.setAlias(name, alias: alias, version: number, by: principal)
            return [:]
        }
        table.delete("registered-models/alias") { request, principal in
            let name = try request.required("name")
            let alias = try request.required("alias")
            try confine(principal, to: name)
            try await guardChampion(alias, of: name)
            try await registry.deleteAlias(name, alias: alias, by: principal)
            return [:]
        }
        table.getBriefly("registered-models/alias") { request, _ in
            let version = try await registry.version(try request.required("name"), alias: try request.required("alias"))
            return ["model_version": MLflowAnswer.modelVersion(version)]
        }
    }

    @Sendable private func latestVersions(_ request: MLflowRequest, _ principal: Principal) async throws -> JSONValue {
        let stages = try request.strings("stages").map(stage)
        let model = try await registry.model(try request.required("name"))
        let versions = model.latestVersions.filter { stages.isEmpty || stages.contains($0.stage) }
        return MLflowAnswer.page("model_versions", versions.map { MLflowAnswer.modelVersion($0) }, nextOffset: nil)
    }

    private func answer(_ model: RegisteredModel) -> JSONValue {
        ["registered_model": MLflowAnswer.registeredModel(model)]
    }

    /// MLflow keeps prompts as registered models of a kind of their own; Martlet has none.
    static func refusePrompt(_ request: MLflowRequest) throws {
        guard try map(request, "tags")["mlflow.prompt.is_prompt"]?.lowercased() == "true" else { return }
        throw MartletError(.unimplemented, "Martlet does not keep prompts.")
    }

    // MARK: rules shared with versions

    /// A narrow key writes to its own model only.
    func confine(_ principal: Principal, to model: String) throws {
        if let only = principal.onlyModel, only != model {
            throw MartletError(.permissionDenied, "This key is confined to the model '\(only)'.")
        }
    }

    /// The champion alias of a governed model moves with its rollout, and with nothing else.
    private func guardChampion(_ alias: String, of model: String) async throws {
        guard try await championGuard.championAlias(model: model) == alias else { return }
        throw MartletError(
            .permissionDenied,
            "The alias '\(alias)' of '\(model)' is moved by its rollout alone. Get the version approved, then run: martlet rollout start \(model) VERSION"
        )
    }

    func isGoverned(_ model: String) async throws -> Bool {
        try await championGuard.championAlias(model: model) != nil
    }

    private func refuseIfGoverned(_ model: String, _ what: String) async throws {
        if try await championGuard.championAlias(model: model) != nil {
            throw MartletError(
                .permissionDenied,
                "'\(model)' is governed by a policy and \(what). Register the version under another model: mlflow.register_model(\"models:/\(model)/VERSION\", NAME)."
            )
        }
    }

    /// A governed model without a champion is in nobody's service and may go; its policy stays for whoever takes the name.
    private func refuseDeletingGoverned(_ model: String) async throws {
        guard let alias = try await championGuard.championAlias(model: model),
            let version = try await registry.model(model).aliases[alias]
        else { return }
        throw MartletError(
            .permissionDenied,
            "'\(model)' is governed by a policy and its version \(version) is the champion in production, so it cannot be deleted. Delete the versions that are not in service instead."
        )
    }

    func stage(_ text: String) throws -> ModelVersion.Stage {
        guard let stage = ModelVersion.Stage.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() })
        else {
            throw MartletError.invalid(
                "Invalid Model Version stage: \(text). Value must be one of None, Staging, Production, Archived.",
                field: "stage")
        }
        return stage
    }

    func version(_ request: MLflowRequest, model: String) throws -> ModelVersionID {
        guard let value = request.value("version"), value != "" else { throw MLflowRequest.missing("version") }
        guard let number = value.intValue ?? value.stringValue.flatMap(Int64.init) else {
            throw MartletError.invalid(
                "Parameter 'version' must be an integer, got '\(value.stringValue?.prefix(100) ?? "")'.",
                field: "version")
        }
        guard number > 0, number < 1 << 31 else {
            throw MartletError.notFound("Model Version (name=\(model), version=\(number)) not found")
        }
        return ModelVersionID(model: model, version: Int(number))
    }
}
