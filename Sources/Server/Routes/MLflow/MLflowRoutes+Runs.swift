internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

extension MLflowRoutes {
    func addRuns(to table: MLflowRouteTable) {
        table.post("runs/create") { request, principal in
            let run = try await runs.create(
                experimentID: try request.string("experiment_id") ?? "0", userID: try request.string("user_id") ?? "",
                name: try request.string("run_name"),
                startedAt: try request.integer("start_time").map(Timestamp.init(milliseconds:)),
                tags: try Self.map(request, "tags"), by: principal)
            return ["run": MLflowAnswer.run(run)]
        }
        table.get("runs/get") { request, _ in
            ["run": MLflowAnswer.run(try await runs.run(try runID(request)))]
        }
        table.search("runs/search", printed: searchRuns)
        table.post("runs/update") { request, _ in
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
        table.post("runs/log-metric") { request, _ in
            try await runs.log(try runID(request), metrics: [try metric(request)], params: [], tags: [])
            return [:]
        }
        table.post("runs/log-parameter") { request, _ in
            let param = (key: try request.required("key"), value: try request.requiredText("value"))
            try await runs.log(try runID(request), metrics: [], params: [param], tags: [])
            return [:]
        }
        table.post("runs/set-tag") { request, _ in
            let tag = (key: try request.required("key"), value: try request.requiredText("value"))
            try await runs.log(try runID(request), metrics: [], params: [], tags: [tag])
            return [:]
        }
        table.post("runs/delete-tag") { request, _ in
            try await runs.deleteTag(try request.required("run_id"), key: try request.required("key"))
            return [:]
        }
        table.post("runs/log-batch", bytesMax: Self.batchBytesMax) { request, _ in
            let metrics = try request.objects("metrics")
            let params = try request.objects("params")
            let tags = try request.objects("tags")
            try checkBatch(metrics.count, TrackingLimits.batchMetricsMax, "metrics")
            try checkBatch(params.count, TrackingLimits.batchParamsMax, "params")
            try checkBatch(tags.count, TrackingLimits.batchTagsMax, "tags")
            try checkBatch(
                metrics.count + params.count + tags.count, TrackingLimits.batchMetricsMax, "metrics, params, and tags")
            try await runs.log(
                try runID(request), metrics: try metrics.map(metric),
                params: try params.map { (key: try $0.required("key"), value: try $0.requiredText("value")) },
                tags: try tags.map { (key: try $0.required("key"), value: try $0.requiredText("value")) })
            return [:]
        }
        table.get("metrics/get-history") { request, _ in
            let page = try await runs.history(
                try runID(request), key: try request.required("metric_key"),
                limit: try Self.limit(request, default: 25_000, max: TrackingLimits.searchResultsMax),
                offset: try MLflowPageToken.decode(try request.string("page_token")))
            return MLflowAnswer.page("metrics", page.items.map { MLflowAnswer.metric($0) }, nextOffset: page.nextOffset)
        }
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
            let models = try request.objects("models").map {
                ModelOutput(modelID: try $0.required("model_id"), step: try $0.integer("step") ?? 0)
            }
            try await runs.logOutputs(try request.required("run_id"), models: models)
            return [:]
        }
        // Older clients note the model they log as a tag-like record; MLflow 3 has logged models instead.
        table.post("runs/log-model") { request, _ in
            _ = try await runs.run(try runID(request))
            return [:]
        }
    }

    @Sendable private func searchRuns(_ request: MLflowRequest, _ principal: Principal) async throws -> [UInt8] {
        let page = try await runs.search(
            experimentIDs: try request.strings("experiment_ids"),
            filter: try SearchGrammar.runs.filter(try request.string("filter")),
            order: try SearchGrammar.runs.order(try request.strings("order_by")),
            view: try Self.view(request, "run_view_type"),
            limit: try Self.limit(request, default: 1000, max: TrackingLimits.searchResultsMax),
            offset: try MLflowPageToken.decode(try request.string("page_token")))
        return MLflowRunWriter.page(page.items, nextOffset: page.nextOffset)
    }

    /// Most calls send both names; either will do.
    private func runID(_ request: MLflowRequest) throws -> String {
        if let id = try request.string("run_id"), !id.isEmpty { return id }
        if let id = try request.string("run_uuid"), !id.isEmpty { return id }
        throw MLflowRequest.missing("run_id")
    }

    private func status(_ request: MLflowRequest) throws -> Run.Status? {
        guard let text = try request.string("status") else { return nil }
        guard let status = Run.Status(rawValue: text) else { throw MLflowRequest.mistyped("status", .string(text)) }
        return status
    }

    @Sendable private func metric(_ request: MLflowRequest) throws -> MetricPoint {
        guard let value = try request.double("value") else { throw MLflowRequest.missing("value") }
        guard let timestamp = try request.integer("timestamp") else { throw MLflowRequest.missing("timestamp") }
        return MetricPoint(
            key: try request.required("key"), value: value, timestamp: Timestamp(milliseconds: timestamp),
            step: try request.integer("step") ?? 0, datasetName: try request.string("dataset_name"),
            datasetDigest: try request.string("dataset_digest"), modelID: try request.string("model_id"))
    }

    private func checkBatch(_ count: Int, _ max: Int, _ what: String) throws {
        guard count <= max else {
            throw MartletError.invalid(
                "A batch logging request can contain at most \(max) \(what). Got \(count) \(what). Please split up \(what) across multiple requests and try again.",
                field: what)
        }
    }
}
