internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

extension MLflowRoutes {
    func addRuns(to table: MLflowRouteTable) {
        table.postBriefly("runs/create") { request, principal in
            let run = try await runs.create(
                experimentID: try request.required("experiment_id"), userID: try request.string("user_id") ?? "",
                name: try request.string("run_name"),
                startedAt: try request.integer("start_time").map(Timestamp.init(milliseconds:)),
                tags: try Self.map(request, "tags"), by: principal)
            return ["run": MLflowAnswer.run(run)]
        }
        table.get("runs/get") { request, _ in
            ["run": MLflowAnswer.run(try await runs.run(try runID(request)))]
        }
        table.search("runs/search", printed: searchRuns)
        table.postBriefly("runs/update") { request, _ in
            let run = try await runs.update(
                try runID(request), status: try status(request),
                endedAt: try request.integer("end_time").map(Timestamp.init(milliseconds:)),
                name: try request.string("run_name"))
            return ["run_info": MLflowAnswer.runInfo(run)]
        }
        table.post("runs/delete") { request, principal in
            try await runs.setDeleted(true, id: try request.required("run_id"), by: principal)
            return [:]
        }
        table.post("runs/restore") { request, principal in
            try await runs.setDeleted(false, id: try request.required("run_id"), by: principal)
            return [:]
        }
        addLogging(to: table)
        addInputs(to: table)
    }

    private func addLogging(to table: MLflowRouteTable) {
        table.postBriefly("runs/log-metric") { request, _ in
            try await runs.log(try runID(request), metrics: [try metric(request)], params: [], tags: [], isBatch: false)
            return [:]
        }
        table.postBriefly("runs/log-parameter") { request, _ in
            try await runs.log(try runID(request), metrics: [], params: [try pair(request)], tags: [], isBatch: false)
            return [:]
        }
        table.postBriefly("runs/set-tag") { request, _ in
            try await runs.log(try runID(request), metrics: [], params: [], tags: [try pair(request)], isBatch: false)
            return [:]
        }
        table.post("runs/delete-tag") { request, _ in
            try await runs.deleteTag(try runID(request), key: try request.required("key"))
            return [:]
        }
        table.postBriefly("runs/log-batch", bytesMax: Self.batchBytesMax, direct: logPlainBatch) { request, _ in
            let id = try runID(request)
            let metrics = try request.objects("metrics")
            let params = try request.objects("params")
            let tags = try request.objects("tags")
            try checkBatch(metrics.count, TrackingLimits.batchMetricsMax, "metrics")
            try checkBatch(params.count, TrackingLimits.batchParamsMax, "params")
            try checkBatch(tags.count, TrackingLimits.batchTagsMax, "tags")
            try checkBatch(
                metrics.count + params.count + tags.count, TrackingLimits.batchMetricsMax, "metrics, params, and tags")
            try await runs.log(
                id, metrics: try metrics.map(metric), params: try params.map(pair), tags: try tags.map(pair))
            return [:]
        }
    }

    /// - Returns: whether the body was one that is read in one pass.
    @Sendable private func logPlainBatch(_ body: [UInt8]) async throws -> Bool {
        guard let batch = MLflowBatch(body) else { return false }
        try await runs.log(batch.runID, metrics: batch.metrics, params: batch.params, tags: batch.tags)
        return true
    }

    /// An absent value is an empty one, as in MLflow.
    private func pair(_ request: MLflowRequest) throws -> (key: String, value: String) {
        (key: try request.required("key"), value: try request.string("value") ?? "")
    }

    private func addInputs(to table: MLflowRouteTable) {
        table.post("runs/log-inputs") { request, _ in
            let datasets = try request.objects("datasets").map { input in
                guard let dataset = try input.object("dataset") else { throw MLflowRequest.missing("dataset") }
                return DatasetInput(
                    name: try dataset.required("name"), digest: try dataset.required("digest"),
                    sourceType: try dataset.string("source_type") ?? "", source: try dataset.string("source") ?? "",
                    schema: try dataset.string("schema"), profile: try dataset.string("profile"),
                    tags: try Self.map(input, "tags"))
            }
            let models = try request.objects("models").map { try $0.required("model_id") }
            try await runs.logInputs(try request.required("run_id"), datasets: datasets, models: models)
            return [:]
        }
        table.post("runs/outputs") { request, _ in
            guard request.has("models") else { throw MLflowRequest.missing("models") }
            let models = try request.objects("models").map {
                ModelOutput(modelID: try $0.required("model_id"), step: try $0.integer("step") ?? 0)
            }
            try await runs.logOutputs(try request.required("run_id"), models: models)
            return [:]
        }
        table.post("runs/log-model") { request, _ in
            let id = try runID(request)
            let document = try request.required("model_json")
            try await runs.note(model: try MLflowModelRecord.checked(document), on: id)
            return [:]
        }
    }

    @Sendable private func searchRuns(_ request: MLflowRequest, _ principal: Principal) async throws -> [UInt8] {
        let detail = try Self.detail(request)
        let page = try await runs.search(
            experimentIDs: try request.strings("experiment_ids"),
            filter: try SearchGrammar.runs.filter(try request.string("filter"), dialect: request.dialect),
            order: try SearchGrammar.runs.order(try request.strings("order_by")),
            view: try Self.view(request, "run_view_type"),
            limit: try Self.limit(request, default: 1000, max: TrackingLimits.searchResultsMax),
            offset: try MLflowPageToken.decode(try request.string("page_token")), detail: detail)
        guard detail == .basic else { return MLflowRunWriter.page(page.items, nextOffset: page.nextOffset) }
        return JSONPrinter.print(
            MLflowAnswer.page("runs", page.items.map { MLflowAnswer.run($0, .basic) }, nextOffset: page.nextOffset))
    }

    /// Most calls send both names; either will do.
    func runID(_ request: MLflowRequest) throws -> String {
        if let id = try request.string("run_id"), !id.isEmpty { return id }
        if let id = try request.string("run_uuid"), !id.isEmpty { return id }
        throw MLflowRequest.missing("run_id")
    }

    private func status(_ request: MLflowRequest) throws -> Run.Status? {
        let names: [Int64: String] = [1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"]
        return try request.enumeration("status", names).flatMap(Run.Status.init(rawValue:))
    }

    private func metric(_ request: MLflowRequest) throws -> MetricPoint {
        let key = try request.required("key")
        guard let value = try request.double("value") else { throw request.missing("value") }
        guard let timestamp = try request.integer("timestamp") else { throw request.missing("timestamp") }
        return MetricPoint(
            key: key, value: value, timestamp: Timestamp(milliseconds: timestamp),
            step: try request.integer("step") ?? 0, datasetName: try named(request, "dataset_name"),
            datasetDigest: try named(request, "dataset_digest"), modelID: try named(request, "model_id"))
    }

    private func named(_ request: MLflowRequest, _ field: String) throws -> String? {
        guard let text = try request.string(field), !text.isEmpty else { return nil }
        return text
    }

    private func checkBatch(_ count: Int, _ max: Int, _ what: String) throws {
        guard count <= max else {
            throw MartletError.invalid(
                "A batch logging request can contain at most \(max) \(what). Got \(count) \(what). Please split up \(what) across multiple requests and try again.",
                field: what)
        }
    }
}
