internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

extension MLflowRoutes {
    func addLoggedModels(to table: MLflowRouteTable) {
        table.post("logged-models") { request, principal in
            let model = try await loggedModels.create(
                experimentID: try request.required("experiment_id"), name: try request.string("name"),
                modelType: try request.string("model_type") ?? "",
                sourceRunID: try request.string("source_run_id") ?? "",
                params: try Self.map(request, "params"), tags: try Self.map(request, "tags"), by: principal)
            return answer(model)
        }
        table.search("logged-models/search", searchLoggedModels)
        addLoggedModel(to: table)
        addListings(to: table)
    }

    private func addLoggedModel(to table: MLflowRouteTable) {
        table.fetch("logged-models/{model_id}") { request, _ in
            let isDeletedToo = try request.bool("allow_deleted") ?? false
            return answer(
                try await loggedModels.model(try request.required("model_id"), isDeletedToo: isDeletedToo))
        }
        table.patch("logged-models/{model_id}") { request, _ in
            let text = try request.enumeration("status", Self.loggedModelStatuses)
            guard let text else { throw MLflowRequest.missing("status") }
            guard let status = LoggedModel.Status(rawValue: text) else {
                throw MLflowRequest.mistyped("status", .string(text))
            }
            return answer(try await loggedModels.finalize(try request.required("model_id"), status: status))
        }
        table.delete("logged-models/{model_id}") { request, principal in
            try await loggedModels.delete(try request.required("model_id"), by: principal)
            return [:]
        }
        table.patch("logged-models/{model_id}/tags") { request, _ in
            answer(try await loggedModels.setTags(try request.required("model_id"), try Self.map(request, "tags")))
        }
        table.delete("logged-models/{model_id}/tags/{tag_key}") { request, _ in
            try await loggedModels.deleteTag(try request.required("model_id"), key: try request.required("tag_key"))
            return [:]
        }
        table.post("logged-models/{model_id}/params") { request, _ in
            try await loggedModels.logParams(try request.required("model_id"), try Self.map(request, "params"))
            return [:]
        }
    }

    private func addListings(to table: MLflowRouteTable) {
        table.fetch("logged-models/{model_id}/artifacts/directories") { request, _ in
            let path = try Self.relativePath(try request.string("artifact_directory_path") ?? "")
            let model = try await loggedModels.model(try request.required("model_id"))
            return try await MLflowArtifactRoutes.listing(artifacts, uri: model.artifactURI, path: path)
        }
        table.get("artifacts/list") { request, _ in
            let path = try Self.relativePath(try request.string("path") ?? "")
            let run = try await runs.run(try runID(request))
            return try await MLflowArtifactRoutes.listing(artifacts, uri: run.artifactURI, path: path)
        }
    }

    /// As numbered in MLflow's Protocol Buffers.
    private static let loggedModelStatuses: [Int64: String] = [
        0: "LOGGED_MODEL_STATUS_UNSPECIFIED", 1: "LOGGED_MODEL_PENDING", 2: "LOGGED_MODEL_READY",
        3: "LOGGED_MODEL_UPLOAD_FAILED",
    ]

    @Sendable private func searchLoggedModels(
        _ request: MLflowRequest, _ principal: Principal
    ) async throws -> JSONValue {
        let ids = try request.strings("experiment_ids")
        guard !ids.isEmpty else { throw MLflowRequest.missing("experiment_ids") }
        let detail = try Self.detail(request)
        let page = try await loggedModels.search(
            experimentIDs: ids,
            filter: try SearchGrammar.loggedModels.filter(try request.string("filter"), dialect: request.dialect),
            datasets: try request.objects("datasets").map { try dataset($0, "datasets") },
            order: try loggedModelOrder(request),
            limit: try Self.limit(request, default: 50, max: 1000),
            offset: try MLflowPageToken.decode(try request.string("page_token")), detail: detail)
        return MLflowAnswer.page(
            "models", page.items.map { MLflowAnswer.loggedModel($0, detail) }, nextOffset: page.nextOffset)
    }

    private func dataset(_ request: MLflowRequest, _ clause: String) throws -> DatasetReference {
        guard let name = try request.string("dataset_name"), !name.isEmpty else {
            throw MartletError.invalid(
                "`dataset_name` in the `\(clause)` clause must be specified.", field: "dataset_name")
        }
        let digest = try request.string("dataset_digest")
        return DatasetReference(name: name, digest: digest?.isEmpty == true ? nil : digest)
    }

    private func loggedModelOrder(_ request: MLflowRequest) throws -> [SearchOrder] {
        let clauses = try request.objects("order_by")
        try TrackingLimits.checkCount(clauses.count, max: TrackingLimits.orderClausesMax, of: "order_by clauses")
        return try clauses.map { clause in
            guard let name = try clause.string("field_name"), !name.isEmpty else {
                throw MartletError.invalid(
                    "`field_name` in the `order_by` clause must be specified.", field: "order_by")
            }
            var order = try SearchGrammar.loggedModels.key(
                name, ascending: try clause.bool("ascending") ?? true)
            let named = try clause.string("dataset_name") ?? ""
            if named.isEmpty, try clause.string("dataset_digest")?.isEmpty == false {
                throw MartletError.invalid(
                    "`dataset_digest` can only be specified if `dataset_name` is also specified.", field: "order_by")
            }
            if !named.isEmpty { order.dataset = try dataset(clause, "order_by") }
            return order
        }
    }

    private func answer(_ model: LoggedModel) -> JSONValue { ["model": MLflowAnswer.loggedModel(model)] }
}
