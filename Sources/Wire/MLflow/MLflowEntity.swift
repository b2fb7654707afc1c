public import Domain

/// MLflow's own messages as domain values: what another server answered, read for an import.
public enum MLflowEntity {
    public static func experiment(_ fields: MLflowRequest) throws -> Experiment {
        let created = try time(fields, "creation_time")
        return Experiment(
            id: try fields.required("experiment_id"), name: try fields.required("name"),
            artifactLocation: try fields.string("artifact_location") ?? "",
            isDeleted: try fields.string("lifecycle_stage") == "deleted",
            createdAt: created ?? Timestamp(milliseconds: 0),
            updatedAt: try time(fields, "last_update_time") ?? created ?? Timestamp(milliseconds: 0),
            tags: try pairs(fields, "tags"))
    }

    /// Without its metrics, whose latest values alone stand there.
    public static func run(_ fields: MLflowRequest) throws -> Run {
        guard let info = try fields.object("info") else { throw MLflowRequest.missing("info") }
        let statusText = try info.string("status") ?? Run.Status.running.rawValue
        guard let status = Run.Status(rawValue: statusText) else {
            throw MLflowRequest.mistyped("status", .string(statusText))
        }
        var run = Run(
            id: try info.string("run_id") ?? info.required("run_uuid"),
            experimentID: try info.required("experiment_id"),
            name: try info.string("run_name") ?? "", userID: try info.string("user_id") ?? "", status: status,
            startedAt: try time(info, "start_time"), endedAt: try time(info, "end_time"),
            artifactURI: try info.string("artifact_uri") ?? "",
            isDeleted: try info.string("lifecycle_stage") == "deleted")
        if let data = try fields.object("data") {
            run.params = try pairs(data, "params")
            run.tags = try pairs(data, "tags")
        }
        if let inputs = try fields.object("inputs") {
            run.datasets = try inputs.objects("dataset_inputs").map(datasetInput)
            run.modelInputs = try inputs.objects("model_inputs").map { try $0.required("model_id") }
        }
        if let outputs = try fields.object("outputs") {
            run.modelOutputs = try outputs.objects("model_outputs").map {
                ModelOutput(modelID: try $0.required("model_id"), step: try $0.integer("step") ?? 0)
            }
        }
        return run
    }

    private static func datasetInput(_ input: MLflowRequest) throws -> DatasetInput {
        guard let dataset = try input.object("dataset") else { throw MLflowRequest.missing("dataset") }
        return DatasetInput(
            name: try dataset.required("name"), digest: try dataset.required("digest"),
            sourceType: try dataset.string("source_type") ?? "", source: try dataset.string("source") ?? "",
            schema: try dataset.string("schema"), profile: try dataset.string("profile"),
            tags: try pairs(input, "tags"))
    }

    public static func point(_ fields: MLflowRequest) throws -> MetricPoint {
        guard let value = try fields.double("value") else { throw MLflowRequest.missing("value") }
        return MetricPoint(
            key: try fields.required("key"), value: value,
            timestamp: try time(fields, "timestamp") ?? Timestamp(milliseconds: 0),
            step: try fields.integer("step") ?? 0, datasetName: try fields.string("dataset_name"),
            datasetDigest: try fields.string("dataset_digest"), modelID: try fields.string("model_id"))
    }

    /// A logged model, and its metrics with the run that each was logged to.
    public static func loggedModel(
        _ fields: MLflowRequest
    ) throws -> (model: LoggedModel, metrics: [(runID: String, point: MetricPoint)]) {
        guard let info = try fields.object("info") else { throw MLflowRequest.missing("info") }
        let created = try time(info, "creation_timestamp_ms") ?? Timestamp(milliseconds: 0)
        let id = try info.required("model_id")
        var model = LoggedModel(
            id: id, experimentID: try info.required("experiment_id"), name: try info.string("name") ?? id,
            modelType: try info.string("model_type") ?? "", sourceRunID: try info.string("source_run_id") ?? "",
            status: LoggedModel.Status(rawValue: try info.string("status") ?? "") ?? .pending,
            artifactURI: try info.string("artifact_uri") ?? "", createdAt: created,
            updatedAt: try time(info, "last_updated_timestamp_ms") ?? created)
        model.tags = try pairs(info, "tags")
        guard let data = try fields.object("data") else { return (model, []) }
        model.params = try pairs(data, "params")
        let metrics = try data.objects("metrics").map { metric in
            var point = try point(metric)
            point.modelID = id
            return (runID: try metric.string("run_id") ?? model.sourceRunID, point: point)
        }
        return (model, metrics)
    }

    /// Without its versions.
    public static func registeredModel(_ fields: MLflowRequest) throws -> RegisteredModel {
        let created = try time(fields, "creation_timestamp") ?? Timestamp(milliseconds: 0)
        var model = RegisteredModel(
            name: try fields.required("name"), description: try text(fields, "description"), createdAt: created,
            updatedAt: try time(fields, "last_updated_timestamp") ?? created)
        model.tags = try pairs(fields, "tags")
        for alias in try fields.objects("aliases") {
            guard let version = try alias.integer("version") else { throw MLflowRequest.missing("version") }
            model.aliases[try alias.required("alias")] = Int(clamping: version)
        }
        return model
    }

    public static func modelVersion(_ fields: MLflowRequest) throws -> ModelVersion {
        let created = try time(fields, "creation_timestamp") ?? Timestamp(milliseconds: 0)
        guard let number = try fields.integer("version"), number > 0, number < 1 << 31 else {
            throw MLflowRequest.missing("version")
        }
        let stage = try fields.string("current_stage") ?? ModelVersion.Stage.none.rawValue
        var version = ModelVersion(
            id: ModelVersionID(model: try fields.required("name"), version: Int(number)), createdAt: created,
            updatedAt: try time(fields, "last_updated_timestamp") ?? created,
            stage: ModelVersion.Stage(rawValue: stage) ?? .none, description: try text(fields, "description"),
            source: try fields.string("source") ?? "", runID: try text(fields, "run_id"),
            runLink: try text(fields, "run_link"), loggedModelID: try text(fields, "model_id"), artifactRoot: "",
            createdBy: Principal.ID(rawValue: ""), createdByName: try fields.string("user_id") ?? "")
        version.tags = try pairs(fields, "tags")
        return version
    }

    private static func pairs(_ fields: MLflowRequest, _ name: String) throws -> [String: String] {
        var map: [String: String] = [:]
        for item in try fields.objects(name) { map[try item.required("key")] = try item.string("value") ?? "" }
        return map
    }

    /// MLflow sends what is not set as an empty string.
    private static func text(_ fields: MLflowRequest, _ name: String) throws -> String? {
        guard let text = try fields.string(name), !text.isEmpty else { return nil }
        return text
    }

    private static func time(_ fields: MLflowRequest, _ name: String) throws -> Timestamp? {
        try fields.integer(name).map(Timestamp.init(milliseconds:))
    }
}
