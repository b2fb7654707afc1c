public import Domain

/// Follows a prediction back: id → endpoint and version → files, run, data sets, code, rollout, record and feedback.
public struct PredictionTracer: Sendable {
    private let ids: any PredictionIDSealing
    private let endpoints: any EndpointReading
    /// Bytes of recorded tensors that a trace shows: as JSON they take some twenty times as much memory while it is written.
    static let shownBytesMax = 1 << 20

    private let registry: any RegistryReading
    private let rollouts: any RolloutStoring
    private let log: any PredictionLog
    private let feedback: any FeedbackStore
    private let outcomes: any OutcomeStore
    private let approvals: @Sendable (ModelVersionID) async throws -> [Approval]?
    private let describe: @Sendable (PredictionRecord) throws -> (input: JSONValue, output: JSONValue)

    /// - Parameters:
    ///   - approvals: those of a version; nil where none can be read.
    ///   - describe: a record's tensors as JSON.
    public init(
        ids: any PredictionIDSealing, endpoints: any EndpointReading, registry: any RegistryReading,
        rollouts: any RolloutStoring, log: any PredictionLog, feedback: any FeedbackStore,
        outcomes: any OutcomeStore, approvals: @escaping @Sendable (ModelVersionID) async throws -> [Approval]?,
        describe: @escaping @Sendable (PredictionRecord) throws -> (input: JSONValue, output: JSONValue)
    ) {
        self.ids = ids
        self.endpoints = endpoints
        self.registry = registry
        self.rollouts = rollouts
        self.log = log
        self.feedback = feedback
        self.outcomes = outcomes
        self.approvals = approvals
        self.describe = describe
    }

    /// - Throws: `invalidArgument` for an id that is not ours; what the stores throw. What is gone is said in `missing`.
    public func trace(_ id: PredictionID) async throws -> PredictionTrace {
        let origin = try ids.open(id)
        let record = try await log.record(id)
        let named = try await endpoints.endpointList().endpoints.first { $0.id == origin.endpointID }?.name
        var trace = PredictionTrace(
            predictionID: id, origin: origin, endpoint: named ?? record?.endpoint,
            feedback: try await feedback(on: id, endpoint: named ?? record?.endpoint))
        try addRecord(record, to: &trace)
        if origin.rolloutID > 0 {
            trace.rollout = try await found("The rollout \(origin.rolloutID) is gone.", &trace) {
                try await rollouts.rollout(origin.rolloutID)
            }
        }
        guard let model = trace.endpoint else {
            trace.missing.append(
                "The id names no endpoint, and input and output were not recorded: the model is unknown.")
            return trace
        }
        try await addVersion(ModelVersionID(model: model, version: origin.version), to: &trace)
        return trace
    }

    /// What came under the prediction's id, and what came under the business key that its request carried.
    private func feedback(on id: PredictionID, endpoint: String?) async throws -> [Feedback] {
        let direct = try await feedback.feedback(of: id)
        guard let endpoint, let key = try await outcomes.outcomes(of: [id]).compactMap(\.businessKey).first else {
            return direct
        }
        return direct + (try await feedback.feedback(endpoint: endpoint, businessKey: key))
    }

    private func addVersion(_ id: ModelVersionID, to trace: inout PredictionTrace) async throws {
        guard id.version > 0 else {
            trace.missing.append("No model has answered but a rule of the policy's fallback.")
            return
        }
        trace.version = try await found("The version \(id) was deleted.", &trace) {
            try await registry.versionRecord(id)
        }
        trace.approvals = try await approvals(id)
        if trace.approvals == nil { trace.missing.append("Approvals cannot be read.") }
        guard let version = trace.version else { return }
        guard let runID = version.runID else {
            trace.missing.append("The version names no run, so data and code are unknown.")
            return
        }
        trace.run = try await found("The run \(runID) is gone.", &trace) { try await registry.runRecord(runID) }
        trace.codeCommit = trace.run?.codeCommit
        if trace.run?.datasets.isEmpty == true { trace.missing.append("The run logged no data set.") }
        if trace.run != nil, trace.codeCommit == nil { trace.missing.append("The run logged no code commit.") }
    }

    private func addRecord(_ record: PredictionRecord?, to trace: inout PredictionTrace) throws {
        guard let record else {
            trace.missing.append("Input and output were not recorded, or are older than retention keeps them.")
            return
        }
        trace.runtime = record.runtime
        let bytes = record.input.count + record.output.count
        guard bytes <= Self.shownBytesMax else {
            trace.missing.append(
                "Input and output are recorded but have \(bytes) bytes, and at most \(Self.shownBytesMax) are shown. Replay reads them all."
            )
            return
        }
        do {
            (trace.input, trace.output) = try describe(record)
        } catch let error as MartletError {
            trace.missing.append("Input and output cannot be shown as JSON: \(error.message)")
        }
    }

    /// nil, and a sentence in `missing`, where there is no such thing; other failures are the caller's.
    private func found<Value>(
        _ sentence: String, _ trace: inout PredictionTrace, _ read: () async throws -> Value
    ) async throws -> Value? {
        do {
            return try await read()
        } catch let error as MartletError where error.code == .notFound {
            trace.missing.append(sentence)
            return nil
        }
    }
}
