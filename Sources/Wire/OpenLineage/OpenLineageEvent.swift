public import Domain

/// Events of OpenLineage 2-0-2 as JSON (https://openlineage.io/spec/2-0-2/OpenLineage.json): RunEvent and DatasetEvent.
public enum OpenLineageEvent {
    static let producer = "martlet://server/\(MartletVersion.text)"
    static let schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
    static let facets = "https://openlineage.io/spec/facets/"

    public enum State: String, Sendable {
        case start = "START"
        case complete = "COMPLETE"
        case abort = "ABORT"
        case fail = "FAIL"
        /// More is known of a run, whatever its state.
        case other = "OTHER"
    }

    /// A job, by its name within the namespace.
    public struct Job: Sendable {
        public var name: String
        /// `TRAINING`, `ROLLOUT` or `RETRAINING`.
        public var type: String
        /// The code that ran.
        public var code: VersionEntry.Commit?
        public var owner: String?

        public init(name: String, type: String, code: VersionEntry.Commit? = nil, owner: String? = nil) {
            self.name = name
            self.type = type
            self.code = code
            self.owner = owner
        }
    }

    /// One run of a job.
    public struct Run: Sendable {
        /// As 36 characters.
        public var uuid: String
        /// What Martlet alone knows of it, under the facet `martlet`.
        public var facts: [String: JSONValue]
        /// Why it failed; nil where it did not.
        public var error: String?

        public init(uuid: String, facts: [String: JSONValue] = [:], error: String? = nil) {
            self.uuid = uuid
            self.facts = facts
            self.error = error
        }
    }

    /// A data set, a model version or an endpoint: OpenLineage calls all of them data sets.
    public struct Dataset: Sendable {
        public var name: String
        public var version: String?
        public var columns: [DatasetColumn]
        public var rows: Int?
        public var bytes: Int64?
        /// `training`, `validation` …
        public var context: String?

        public init(
            name: String, version: String? = nil, columns: [DatasetColumn] = [], rows: Int? = nil, bytes: Int64? = nil,
            context: String? = nil
        ) {
            self.name = name
            self.version = version
            self.columns = columns
            self.rows = rows
            self.bytes = bytes
            self.context = context
        }
    }

    public static func run(
        _ state: State, at time: Timestamp, namespace: String, job: Job, run: Run, inputs: [Dataset], outputs: [Dataset]
    ) -> JSONValue {
        [
            "eventType": .string(state.rawValue), "eventTime": .string(time.iso8601Milliseconds),
            "producer": .string(producer), "schemaURL": .string(schema + "RunEvent"),
            "run": ["runId": .string(run.uuid), "facets": .object(runFacets(run, state))],
            "job": [
                "namespace": .string(namespace), "name": .string(job.name), "facets": .object(jobFacets(job)),
            ],
            "inputs": .array(
                inputs.map { input in
                    var members = dataset(input, namespace)
                    members["inputFacets"] = .object(inputFacets(input))
                    return .object(members)
                }),
            "outputs": .array(outputs.map { .object(dataset($0, namespace)) }),
        ]
    }

    /// - Parameter change: `CREATE`, for example; nil says nothing of it.
    public static func dataset(
        _ subject: Dataset, change: String?, at time: Timestamp, namespace: String
    ) -> JSONValue {
        var members = dataset(subject, namespace)
        if let change, case .object(var all)? = members["facets"] {
            all["lifecycleStateChange"] = facet(
                "1-0-1/LifecycleStateChangeDatasetFacet", ["lifecycleStateChange": .string(change)])
            members["facets"] = .object(all)
        }
        return [
            "eventTime": .string(time.iso8601Milliseconds), "producer": .string(producer),
            "schemaURL": .string(schema + "DatasetEvent"), "dataset": .object(members),
        ]
    }

    // MARK: facets

    private static func runFacets(_ run: Run, _ state: State) -> [String: JSONValue] {
        var all: [String: JSONValue] = [:]
        if !run.facts.isEmpty {
            all["martlet"] = .object(
                run.facts.merging([
                    "_producer": .string(producer), "_schemaURL": .string(schema + "RunFacet"),
                ]) { $1 })
        }
        if state == .fail, let error = run.error {
            all["errorMessage"] = facet(
                "1-0-1/ErrorMessageRunFacet", ["message": .string(error), "programmingLanguage": "unknown"])
        }
        return all
    }

    private static func jobFacets(_ job: Job) -> [String: JSONValue] {
        var all: [String: JSONValue] = [
            "jobType": facet(
                "2-0-3/JobTypeJobFacet",
                ["processingType": "BATCH", "integration": "MARTLET", "jobType": .string(job.type)])
        ]
        if let code = job.code {
            var members: [String: JSONValue] = [
                "type": "git", "url": .string(code.repository ?? ""), "version": .string(code.commit),
            ]
            if let repository = code.repository { members["repoUrl"] = .string(repository) }
            if let branch = code.branch { members["branch"] = .string(branch) }
            all["sourceCodeLocation"] = facet("1-0-1/SourceCodeLocationJobFacet", members)
        }
        if let owner = job.owner {
            all["ownership"] = facet("1-0-1/OwnershipJobFacet", ["owners": [["name": .string(owner), "type": "TEAM"]]])
        }
        return all
    }

    private static func dataset(_ dataset: Dataset, _ namespace: String) -> [String: JSONValue] {
        var all: [String: JSONValue] = [:]
        if let version = dataset.version {
            all["version"] = facet("1-0-1/DatasetVersionDatasetFacet", ["datasetVersion": .string(version)])
        }
        if !dataset.columns.isEmpty {
            all["schema"] = facet(
                "1-1-1/SchemaDatasetFacet",
                [
                    "fields": .array(
                        dataset.columns.map { ["name": .string($0.name), "type": .string($0.kind.rawValue)] })
                ])
        }
        return ["namespace": .string(namespace), "name": .string(dataset.name), "facets": .object(all)]
    }

    private static func inputFacets(_ dataset: Dataset) -> [String: JSONValue] {
        var all: [String: JSONValue] = [:]
        if let context = dataset.context {
            all["martlet"] = [
                "context": .string(context), "_producer": .string(producer),
                "_schemaURL": .string(schema + "InputDatasetFacet"),
            ]
        }
        guard let rows = dataset.rows else { return all }
        var members: [String: JSONValue] = [
            "rowCount": .int(Int64(rows)),
            "columnMetrics": .object(
                Dictionary(dataset.columns.map { ($0.name, metrics($0)) }, uniquingKeysWith: { first, _ in first })),
        ]
        if let bytes = dataset.bytes { members["bytes"] = .int(bytes) }
        all["dataQualityMetrics"] = facet("1-0-2/DataQualityMetricsInputDatasetFacet", members)
        return all
    }

    private static func metrics(_ column: DatasetColumn) -> JSONValue {
        var members: [String: JSONValue] = [
            "nullCount": .int(Int64(column.missing)), "distinctCount": .int(Int64(column.distinct)),
            "count": .int(Int64(column.present)),
        ]
        if let minimum = column.minimum { members["min"] = .double(minimum) }
        if let maximum = column.maximum { members["max"] = .double(maximum) }
        if !column.quantiles.isEmpty {
            members["quantiles"] = .object(
                Dictionary(
                    column.quantiles.map { ("\($0.share)", .double($0.value)) }, uniquingKeysWith: { first, _ in first }
                ))
        }
        return .object(members)
    }

    /// - Parameter name: version and name, as the specification's addresses have them.
    private static func facet(_ name: String, _ members: [String: JSONValue]) -> JSONValue {
        let type = name.split(separator: "/").last.map(String.init) ?? name
        return .object(
            members.merging([
                "_producer": .string(producer), "_schemaURL": .string("\(facets)\(name).json#/$defs/\(type)"),
            ]) { $1 })
    }
}
