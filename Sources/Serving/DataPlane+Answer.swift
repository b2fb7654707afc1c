internal import Domain
internal import Inference
internal import Synchronization

/// One request on its way through one version.
struct Call: Sendable {
    /// nil where a version is called by itself and its model has no endpoint.
    let endpoint: Endpoint?
    /// The registered model's name.
    let name: String
    let model: LoadedModel
    /// nil where the version is none of the endpoint's variants: then it is not recorded.
    let role: Variant.Role?
    /// Whether the endpoint's split chose the version. Who names a version chooses its requests, too, and must not choose what a
    /// rollout or a monitor is judged by.
    var isObserved = true
    let request: InferenceRequest
    let start: ContinuousClock.Instant

    /// What of it is recorded.
    var recordMode: RecordRule.Mode { role == nil ? .none : endpoint?.record.mode ?? .none }
}

/// A request and the way chosen for it.
public struct RoutedRequest: Sendable {
    let routes: EndpointTable.Routes
    let model: String
    /// What the caller named; nil where the endpoint's split chooses.
    let version: Int?
    let request: InferenceRequest
    let start = ContinuousClock.now
    var endpoint: Endpoint?
    /// What the split chose.
    var variant: Variant?

    /// Whether the champion answers where the chosen variant fails.
    var mayFallBack: Bool { variant?.role == .candidate && endpoint?.champion != nil }

    /// This request on its way through a variant of the endpoint; through the version that the caller named where there is none.
    func call(_ variant: Variant?) throws(MartletError) -> Call {
        let number = variant?.version ?? version ?? 0
        let role = variant?.role ?? endpoint?.variants.first { $0.version == number && $0.role != .shadow }?.role
        return Call(
            endpoint: endpoint, name: model, model: try routes.model(ModelVersionID(model: model, version: number)),
            role: role, isObserved: variant != nil, request: request, start: start)
    }
}

extension DataPlane {
    /// Who observes that a model refused values.
    enum RefusalObserver { case answer, caller }

    /// Validates, runs, checks bounds, records and observes.
    func answer(_ call: Call, refusalsObservedBy observer: RefusalObserver = .answer) async throws -> InferenceResponse
    {
        let id = seal(call)
        do {
            let outputs = try await compute(call)
            if isRecorded(call) { try await keep(record(call, id, outputs), call) }
            return response(call, id, outputs)
        } catch let error as MartletError {
            if !error.isModelRefusal || observer == .answer { observe(call, id, [], failure: error.code) }
            throw error
        }
    }

    /// The same on the caller's thread; nil, and nothing done, where that might hold the thread up.
    func answerBriefly(_ call: Call) throws(MartletError) -> InferenceResponse? {
        guard let brief = call.model.brief, call.recordMode != .all else { return nil }
        // As the model arranges them or not, their elements are the same.
        let elements = call.request.inputs.reduce(0) { $0 + LoadedModel.elements($1.tensor) }
        guard brief.isKnown(elements: elements) else { return nil }
        let id = seal(call)
        do {
            let inputs = try arrange(call)
            let outputs = try checked(call, Self.timed(call.model, inputs, .never, brief, elements))
            if isRecorded(call), !log.offer(record(call, id, outputs)) {
                counters.recordsDropped.wrappingAdd(1, ordering: .relaxed)
            }
            return response(call, id, outputs)
        } catch {
            observe(call, id, [], failure: error.code)
            throw error
        }
    }

    private func response(_ call: Call, _ id: PredictionID, _ outputs: [NamedTensor]) -> InferenceResponse {
        observe(call, id, outputs, failure: nil)
        return InferenceResponse(
            model: call.name, version: call.model.version.id.version, id: call.request.id, predictionID: id,
            outputs: Self.select(outputs, call.request.outputs))
    }

    private func arrange(_ call: Call) throws(MartletError) -> [Tensor] {
        let signature = Signature(call.model)
        let inputs = try signature.arrange(call.request.inputs)
        _ = try signature.places(of: call.request.outputs)
        return inputs
    }

    /// All outputs: those not asked for are needed by bounds, observation and record.
    private func compute(_ call: Call) async throws -> [NamedTensor] {
        try checked(call, try await run(call.model, arrange(call)))
    }

    private func checked(_ call: Call, _ outputs: [NamedTensor]) throws(MartletError) -> [NamedTensor] {
        if let violation = OutputCheck.violation(of: call.endpoint?.outputBounds ?? [], in: outputs) {
            counters.boundViolations.wrappingAdd(1, ordering: .relaxed)
            throw MartletError(.internal, "The answer of \(call.model.version.id) was withheld. \(violation)")
        }
        return outputs
    }

    /// Runs a model on the threads for it, within its deadline; or here, where the run is known to be brief.
    func run(_ model: LoadedModel, _ inputs: [Tensor]) async throws -> [NamedTensor] {
        guard let brief = model.brief else {
            return try await runs.run(model.version.digest) { (stop) throws(MartletError) in try model.run(inputs, stop)
            }
        }
        let elements = LoadedModel.elements(inputs)
        guard brief.isKnown(elements: elements) else {
            return try await runs.run(model.version.digest) { (stop) throws(MartletError) in
                try Self.timed(model, inputs, stop, brief, elements)
            }
        }
        return try Self.timed(model, inputs, .never, brief, elements)
    }

    private static func timed(
        _ model: LoadedModel, _ inputs: [Tensor], _ stop: RunStop, _ brief: BriefRuns, _ elements: Int
    ) throws(MartletError) -> [NamedTensor] {
        let start = ContinuousClock.now
        let outputs = try model.run(inputs, stop)
        brief.learn(elements: elements, took: ContinuousClock.now - start)
        return outputs
    }

    private static func select(_ outputs: [NamedTensor], _ names: [String]?) -> [NamedTensor] {
        guard let names else { return outputs }
        return outputs.filter { names.contains($0.name) }
    }

    func seal(_ call: Call) -> PredictionID {
        sealer.seal(
            PredictionOrigin(
                endpointID: call.endpoint?.id ?? 0, version: call.model.version.id.version,
                policyVersion: call.endpoint?.policyVersion ?? 0, rolloutID: call.endpoint?.rolloutID ?? 0,
                rolloutStep: call.endpoint?.rolloutStep ?? 0, time: clock.now()))
    }

    private func isRecorded(_ call: Call) -> Bool {
        switch call.recordMode {
        case .none: false
        case .sampled: Double.random(in: 0..<1) < (call.endpoint?.record.sampleRate ?? 0)
        case .all: true
        }
    }

    private func record(_ call: Call, _ id: PredictionID, _ outputs: [NamedTensor]) -> PredictionRecord {
        PredictionRecord(
            id: id, time: clock.now(), endpoint: call.name, version: call.model.version.id.version,
            input: TensorRecord.encode(call.request.inputs), output: TensorRecord.encode(outputs),
            runtime: runtime.identity)
    }

    private func keep(_ record: PredictionRecord, _ call: Call) async throws {
        guard call.recordMode == .all else {
            if !log.offer(record) { counters.recordsDropped.wrappingAdd(1, ordering: .relaxed) }
            return
        }
        do {
            try await log.append(record)
        } catch {
            throw MartletError(
                .unavailable, "The prediction could not be recorded, and the policy demands that all are.", cause: error
            )
        }
    }

    func observe(_ call: Call, _ id: PredictionID, _ outputs: [NamedTensor], failure: MartletError.Code?) {
        guard call.isObserved, let endpoint = call.endpoint, let role = call.role else { return }
        let version = call.model.version
        let rows = min(call.request.inputs.first?.tensor.rows ?? 0, RowExtraction.rowsMax)
        let isAnswered = failure == nil
        sink.observe(
            Observation(
                predictionID: id, endpoint: endpoint.name, version: version.id.version, role: role, time: clock.now(),
                latencyNanoseconds: (ContinuousClock.now - call.start).nanoseconds, failure: failure,
                rows: isAnswered ? rows : 0,
                features: isAnswered
                    ? RowExtraction.features(call.request.inputs, columns: version.columns, rows: rows) : [],
                predictions: isAnswered
                    ? RowExtraction.predictions(outputs, version: version, rows: rows) : .numeric([]),
                scores: isAnswered ? RowExtraction.scores(outputs, version: version, rows: rows) : [],
                businessKey: call.request.businessKey))
    }

    /// Copies for the shadow variants, dropped first when there is much to do: no caller ever waits for them.
    func copyToShadows(_ endpoint: Endpoint, _ routes: EndpointTable.Routes, _ request: InferenceRequest) {
        for variant in endpoint.variants where variant.role == .shadow {
            guard let model = routes.models[ModelVersionID(model: endpoint.name, version: variant.version)] else {
                continue
            }
            let isAccepted = shadows.offer(model.version.digest) { self.shadow(endpoint, model, request, $0) }
            if !isAccepted { counters.shadowsDropped.wrappingAdd(1, ordering: .relaxed) }
        }
    }

    private func shadow(_ endpoint: Endpoint, _ model: LoadedModel, _ request: InferenceRequest, _ stop: RunStop) {
        let call = Call(
            endpoint: endpoint, name: endpoint.name, model: model, role: .shadow, request: request, start: .now)
        let id = seal(call)
        do {
            let inputs = try Signature(model).arrange(request.inputs)
            let outputs = try model.run(inputs, stop)
            let violation = OutputCheck.violation(of: endpoint.outputBounds, in: outputs)
            if violation != nil { counters.boundViolations.wrappingAdd(1, ordering: .relaxed) }
            observe(call, id, outputs, failure: violation == nil ? nil : .internal)
        } catch {
            // The champion has answered this request: a refusal is the shadow's own failure.
            observe(call, id, [], failure: error.isModelRefusal ? .internal : error.code)
        }
    }
}
