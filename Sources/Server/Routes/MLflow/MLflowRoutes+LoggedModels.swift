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
        table.search("logged-models/search") { request, _ in
            let orders = try request.objects("order_by").flatMap { order -> [SearchOrder] in
                let ascending = try order.bool("ascending") ?? true
                return try SearchGrammar.loggedModels.order([
                    "\(try order.required("field_name")) \(ascending ? "ASC" : "DESC")"
                ])
            }
            let page = try await loggedModels.search(
                experimentIDs: try request.strings("experiment_ids"),
                filter: try SearchGrammar.loggedModels.filter(try request.string("filter")), order: orders,
                limit: try Self.limit(request, default: 50, max: 1000),
                offset: try MLflowPageToken.decode(try request.string("page_token")))
            return MLflowAnswer.page("models", page.items.map(MLflowAnswer.loggedModel), nextOffset: page.nextOffset)
        }
        table.fetch("logged-models/{model_id}") { request, _ in
            answer(try await loggedModels.model(try request.required("model_id")))
        }
        table.patch("logged-models/{model_id}") { request, _ in
            let text = try request.required("status")
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
        table.fetch("logged-models/{model_id}/artifacts/directories") { request, _ in
            let model = try await loggedModels.model(try request.required("model_id"))
            return try await MLflowArtifactRoutes.listing(
                artifacts, uri: model.artifactURI, path: try request.string("artifact_directory_path") ?? "")
        }
        table.get("artifacts/list") { request, _ in
            let id = try request.string("run_id") ?? (try request.required("run_uuid"))
            let run = try await runs.run(id)
            return try await MLflowArtifactRoutes.listing(
                artifacts, uri: run.artifactURI, path: try request.string("path") ?? "")
        }
    }

    private func answer(_ model: LoggedModel) -> JSONValue { ["model": MLflowAnswer.loggedModel(model)] }
}
