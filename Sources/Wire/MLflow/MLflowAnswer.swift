public import Domain

/// Domain values as MLflow's clients read them: unset fields and empty lists are left out, int64 are numbers.
public enum MLflowAnswer {
    private static func fields(_ pairs: [(String, JSONValue?)]) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for case (let key, let value?) in pairs {
            if case .array(let elements) = value, elements.isEmpty { continue }
            members[key] = value
        }
        return .object(members)
    }

    private static func text(_ value: String?) -> JSONValue? { value.map { .string($0) } }
    private static func time(_ value: Timestamp?) -> JSONValue? { value.map { .int($0.milliseconds) } }

    private static func pairs(_ map: [String: String]) -> JSONValue {
        .array(map.sorted { $0.key < $1.key }.map { ["key": .string($0.key), "value": .string($0.value)] })
    }

    /// A page of a search, with the token of the next one.
    public static func page(_ name: String, _ items: [JSONValue], nextOffset: Int?) -> JSONValue {
        fields([(name, .array(items)), ("next_page_token", nextOffset.map { .string(MLflowPageToken.encode($0)) })])
    }

    public static func experiment(_ experiment: Experiment, _ detail: ListDetail = .full) -> JSONValue {
        fields([
            ("experiment_id", .string(experiment.id)), ("name", .string(experiment.name)),
            ("artifact_location", .string(experiment.artifactLocation)),
            ("lifecycle_stage", .string(experiment.isDeleted ? "deleted" : "active")),
            ("creation_time", time(experiment.createdAt)), ("last_update_time", time(experiment.updatedAt)),
            ("tags", detail == .full ? pairs(experiment.tags) : JSONValue?.none),
        ])
    }

    public static func runInfo(_ run: Run) -> JSONValue {
        fields([
            ("run_id", .string(run.id)), ("run_uuid", .string(run.id)), ("run_name", .string(run.name)),
            ("experiment_id", .string(run.experimentID)), ("user_id", .string(run.userID)),
            ("status", .string(run.status.rawValue)), ("start_time", time(run.startedAt)),
            ("end_time", time(run.endedAt)), ("artifact_uri", .string(run.artifactURI)),
            ("lifecycle_stage", .string(run.isDeleted ? "deleted" : "active")),
        ])
    }

    /// - Parameter detail: basic gives the run's info alone.
    public static func run(_ run: Run, _ detail: ListDetail = .full) -> JSONValue {
        guard detail == .full else { return fields([("info", runInfo(run))]) }
        return fields([
            ("info", runInfo(run)),
            (
                "data",
                fields([
                    ("metrics", .array(run.metrics.map { metric($0) })), ("params", pairs(run.params)),
                    ("tags", pairs(run.tags)),
                ])
            ),
            ("inputs", inputs(run)),
            ("outputs", outputs(run)),
        ])
    }

    static func inputs(_ run: Run) -> JSONValue {
        fields([
            ("dataset_inputs", .array(run.datasets.map(datasetInput))),
            ("model_inputs", .array(run.modelInputs.map { ["model_id": .string($0)] })),
        ])
    }

    static func outputs(_ run: Run) -> JSONValue {
        fields([
            (
                "model_outputs",
                .array(run.modelOutputs.map { ["model_id": .string($0.modelID), "step": .int($0.step)] })
            )
        ])
    }

    public static func metric(_ point: MetricPoint, runID: String? = nil) -> JSONValue {
        fields([
            ("key", .string(point.key)), ("value", .double(point.value)), ("timestamp", time(point.timestamp)),
            ("step", .int(point.step)), ("dataset_name", text(point.datasetName)),
            ("dataset_digest", text(point.datasetDigest)), ("model_id", text(point.modelID)), ("run_id", text(runID)),
        ])
    }

    private static func datasetInput(_ input: DatasetInput) -> JSONValue {
        fields([
            ("tags", pairs(input.tags)),
            (
                "dataset",
                fields([
                    ("name", .string(input.name)), ("digest", .string(input.digest)),
                    ("source_type", .string(input.sourceType)), ("source", .string(input.source)),
                    ("schema", text(input.schema)), ("profile", text(input.profile)),
                ])
            ),
        ])
    }

    /// A data set that runs of an experiment used.
    public static func datasetSummary(_ summary: DatasetSummary) -> JSONValue {
        fields([
            ("experiment_id", .string(summary.experimentID)), ("name", .string(summary.name)),
            ("digest", .string(summary.digest)), ("context", text(summary.context)),
        ])
    }

    /// - Parameter detail: basic leaves out tags, params and metrics.
    public static func loggedModel(_ model: LoggedModel, _ detail: ListDetail = .full) -> JSONValue {
        fields([
            (
                "info",
                fields([
                    ("model_id", .string(model.id)), ("experiment_id", .string(model.experimentID)),
                    ("name", .string(model.name)), ("creation_timestamp_ms", time(model.createdAt)),
                    ("last_updated_timestamp_ms", time(model.updatedAt)),
                    ("artifact_uri", .string(model.artifactURI)), ("status", .string(model.status.rawValue)),
                    ("model_type", .string(model.modelType)), ("source_run_id", .string(model.sourceRunID)),
                    ("tags", detail == .full ? pairs(model.tags) : JSONValue?.none),
                ])
            ),
            (
                "data",
                detail == .full
                    ? fields([
                        ("params", pairs(model.params)),
                        ("metrics", .array(model.metrics.map { metric($0.point, runID: $0.runID) })),
                    ]) : JSONValue?.none
            ),
        ])
    }

    /// - Parameter detail: basic leaves out tags and latest versions.
    public static func registeredModel(_ model: RegisteredModel, _ detail: ListDetail = .full) -> JSONValue {
        fields([
            ("name", .string(model.name)), ("creation_timestamp", time(model.createdAt)),
            ("last_updated_timestamp", time(model.updatedAt)), ("description", text(model.description)),
            (
                "latest_versions",
                detail == .full ? .array(model.latestVersions.map { modelVersion($0) }) : JSONValue?.none
            ),
            ("tags", detail == .full ? pairs(model.tags) : JSONValue?.none),
            (
                "aliases",
                .array(
                    model.aliases.sorted { $0.key < $1.key }.map {
                        ["alias": .string($0.key), "version": .string(String($0.value))]
                    })
            ),
        ])
    }

    /// - Parameter detail: basic leaves out tags.
    public static func modelVersion(_ version: ModelVersion, _ detail: ListDetail = .full) -> JSONValue {
        fields([
            ("name", .string(version.id.model)), ("version", .string(String(version.id.version))),
            ("creation_timestamp", time(version.createdAt)), ("last_updated_timestamp", time(version.updatedAt)),
            ("user_id", .string(version.createdByName)), ("current_stage", .string(version.stage.rawValue)),
            ("description", .string(version.description ?? "")), ("source", .string(version.source)),
            ("run_id", .string(version.runID ?? "")), ("status", "READY"),
            ("status_message", version.statusMessage.isEmpty ? nil : .string(version.statusMessage)),
            ("run_link", .string(version.runLink ?? "")),
            ("tags", detail == .full ? pairs(version.tags) : JSONValue?.none),
            ("aliases", .array(version.aliases.map { .string($0) })),
        ])
    }
}
