internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

extension MLflowRoutes {
    /// Experiments of one `search-datasets`, as MLflow has it.
    private static let datasetExperimentsMax = 20

    func addExperiments(to table: MLflowRouteTable) {
        table.get("experiments/get") { request, _ in
            let id = try request.required("experiment_id")
            return ["experiment": MLflowAnswer.experiment(try await experiments.experiment(id: id))]
        }
        table.get("experiments/get-by-name") { request, _ in
            let name = try request.required("experiment_name")
            return ["experiment": MLflowAnswer.experiment(try await experiments.experiment(name: name))]
        }
        table.post("experiments/create") { request, principal in
            let (name, tags) = (try request.required("name"), try Self.map(request, "tags"))
            let id = try await experiments.create(
                name: name, artifactLocation: try artifactLocation(request), tags: tags, by: principal)
            return ["experiment_id": .string(id)]
        }
        table.search("experiments/search", searchExperiments)
        table.get("experiments/search", searchExperiments)
        table.post("experiments/delete") { request, principal in
            try await experiments.setDeleted(true, id: try request.required("experiment_id"), by: principal)
            return [:]
        }
        table.post("experiments/restore") { request, principal in
            try await experiments.setDeleted(false, id: try request.required("experiment_id"), by: principal)
            return [:]
        }
        table.post("experiments/update") { request, _ in
            let id = try request.required("experiment_id")
            try await experiments.rename(id: id, to: try request.required("new_name"))
            return [:]
        }
        table.post("experiments/set-experiment-tag") { request, _ in
            try await experiments.setTag(
                id: try request.required("experiment_id"), key: try request.required("key"),
                value: try request.string("value") ?? "")
            return [:]
        }
        table.search("experiments/search-datasets") { request, _ in
            let ids = try request.strings("experiment_ids")
            guard !ids.isEmpty else {
                throw MartletError.invalid(
                    "SearchDatasets request must specify at least one experiment_id.", field: "experiment_ids")
            }
            guard ids.count <= Self.datasetExperimentsMax else {
                throw MartletError.invalid(
                    "SearchDatasets request cannot specify more than \(Self.datasetExperimentsMax) experiment_ids. Received \(ids.count) experiment_ids.",
                    field: "experiment_ids")
            }
            let summaries = try await runs.datasets(experimentIDs: ids)
            return MLflowAnswer.page(
                "dataset_summaries", summaries.map(MLflowAnswer.datasetSummary), nextOffset: nil)
        }
        table.post("experiments/delete-experiment-tag") { request, _ in
            try await experiments.deleteTag(
                id: try request.required("experiment_id"), key: try request.required("key"))
            return [:]
        }
    }

    /// Only the server's own artifact folder: other places would need credentials that the server does not have.
    private func artifactLocation(_ request: MLflowRequest) throws -> String? {
        guard let location = try request.string("artifact_location"), !location.isEmpty else { return nil }
        guard let path = ArtifactPath.path(uri: location), (try? ArtifactPath.check(path)) != nil,
            !VersionPath.isReadOnly(path)
        else {
            throw MartletError.invalid(
                "Invalid artifact_location '\(location)': leave it out, or give an mlflow-artifacts:/ path other than versions.",
                field: "artifact_location")
        }
        return "mlflow-artifacts:/" + path
    }

    @Sendable private func searchExperiments(_ request: MLflowRequest, _ principal: Principal) async throws -> JSONValue
    {
        let detail = try Self.detail(request)
        let page = try await experiments.search(
            filter: try SearchGrammar.experiments.filter(try request.string("filter"), dialect: request.dialect),
            order: try SearchGrammar.experiments.order(try request.strings("order_by")),
            view: try Self.view(request, "view_type"),
            limit: try Self.limit(request, default: 1000, max: TrackingLimits.searchResultsMax),
            offset: try MLflowPageToken.decode(try request.string("page_token")), detail: detail)
        return MLflowAnswer.page(
            "experiments", page.items.map { MLflowAnswer.experiment($0, detail) }, nextOffset: page.nextOffset)
    }
}
