internal import Domain
internal import Inference
internal import Synchronization

/// One request on its way through one version.
struct Call: Sendable {
    /// nil where a version is called by itself and its model has no endpoint.
    let endpoint: ServedEndpoint?
    /// The registered model's name.
    let name: String
    let model: LoadedModel
    /// nil where the version is none of the endpoint's variants: then it is not recorded.
    let role: Variant.Role?
    /// Whether the endpoint's split chose the version. Who names a version chooses its requests, too, and must not choose what a
    /// rollout or a monitor is judged by.
    var isObserved = true
    /// Whether it counts in the version's statistics: not what the server asks for itself.
    var isCounted = true
    let request: InferenceRequest
    let start: ContinuousClock.Instant

    var deadline: CallersDeadline? { request.timeout.map { CallersDeadline(timeout: $0, instant: start + $0) } }

    /// How its run is put together with others; nil runs it by itself.
    var batching: BatchingRule? { endpoint?.batching ?? model.rule?.batching }

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
    var endpoint: ServedEndpoint?
    /// What the split chose.
    var variant: Variant?
    /// Why the chosen variant has no answer, where that has been tried.
    var failure: MartletError?

    /// Whether the champion answers where the chosen variant fails.
    var mayFallBack: Bool { variant?.role == .candidate && endpoint?.champion != nil }

    /// This request on its way through a variant of the endpoint; through the version that the caller named where there is none.
    func call(_ variant: Variant?) throws(MartletError) -> Call {
        let number = variant?.version ?? version ?? 0
        let role = variant?.role ?? endpoint?.variants.first { $0.version == number && $0.role != .shadow }?.role
        let loaded: LoadedModel
        if let variant = endpoint?.model(number) {
            loaded = variant
        } else {
            do { loaded = try routes.model(ModelVersionID(model: model, version: number)) } catch {
                // It is no caller's fault that the endpoint names a version that is not there.
                throw version != nil ? error : MartletError(.unavailable, error.message, cause: error)
            }
        }
        return Call(
            endpoint: endpoint, name: model, model: loaded, role: role,
            isObserved: variant != nil, request: request, start: start)
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
            let computed = try await compute(call)
            let wanted = try choose(from: computed.outputs, call)
            if isRecorded(call) { try await keep(record(call, id.id, computed), call.recordMode) }
            return response(call, id, computed, wanted)
        } catch let error as MartletError {
            countFailure(call, id, error, isObserved: !error.isModelRefusal || observer == .answer)
            throw error
        }
    }

    /// All outputs of a run, and when what happened.
    private struct Computed {
        let outputs: [NamedTensor]
        var inputs = ArrangedInputs(tensors: [], verdict: nil)
        let arranged: ContinuousClock.Instant
        let begun: ContinuousClock.Instant
        let ended: ContinuousClock.Instant
        /// Rows of the run that gave them; nil where that run is counted with another request, and where there was none.
        let rowsOfRun: Int?
        var lookup: CacheLookup?

        init(
            outputs: [NamedTensor], arranged: ContinuousClock.Instant, begun: ContinuousClock.Instant,
            ended: ContinuousClock.Instant, rowsOfRun: Int?
        ) {
            self.outputs = outputs
            self.arranged = arranged
            self.begun = begun
            self.ended = ended
            self.rowsOfRun = rowsOfRun
        }

        /// What the cache had; nil if nothing.
        init?(_ lookup: CacheLookup?, arranged: ContinuousClock.Instant) {
            guard let lookup, let outputs = lookup.outputs else { return nil }
            self.init(outputs: outputs, arranged: arranged, begun: arranged, ended: arranged, rowsOfRun: nil)
            self.lookup = lookup
        }
    }

    /// The same on the caller's thread; nil, and nothing done, where that might hold the thread up.
    func answerBriefly(_ call: Call) throws(MartletError) -> InferenceResponse? {
        guard let brief = call.model.brief, call.recordMode != .all, call.batching == nil,
            !call.isConcurrencyBound, call.model.model.isAtHand
        else { return nil }
        // As the model arranges them or not, their elements are the same.
        let elements = call.request.inputs.reduce(0) { $0 + LoadedModel.elements($1.tensor) }
        guard brief.isKnown(elements: elements) else { return nil }
        let id = seal(call)
        do throws(MartletError) {
            let inputs = try arrange(call)
            let arranged = ContinuousClock.now
            if let deadline = call.deadline, deadline.instant <= arranged { throw deadline.error }
            let lookup = CacheLookup(call, inputs.tensors, in: cache)
            var computed: Computed
            if let known = Computed(lookup, arranged: arranged) {
                computed = known
            } else {
                let pass = try call.admitByCircuit()
                do throws(MartletError) {
                    computed = try Self.timed(
                        call.model, inputs.tensors, .never, elements, arranged: arranged, begun: arranged)
                } catch {
                    call.endCircuit(pass, after: error)
                    throw error
                }
                call.endCircuit(pass)
                keep(&computed, lookup)
            }
            computed.inputs = inputs
            try check(computed.outputs, of: call)
            let wanted = try choose(from: computed.outputs, call)
            if isRecorded(call), !log.offer(record(call, id.id, computed)) {
                counters.recordsDropped.wrappingAdd(1, ordering: .relaxed)
            }
            return response(call, id, computed, wanted)
        } catch {
            countFailure(call, id, error, isObserved: true)
            throw error
        }
    }

    private func response(
        _ call: Call, _ id: SealedID, _ computed: Computed, _ wanted: [NamedTensor]
    ) -> InferenceResponse {
        let end = ContinuousClock.now
        observe(call, id, computed.outputs, failure: nil, flags: computed.inputs.flags, at: end)
        if call.isCounted { count(call, computed, end) }
        return InferenceResponse(
            model: call.name, version: call.model.version.id.version, id: call.request.id, predictionID: id.id,
            outputs: wanted, inputFlags: computed.inputs.flags)
    }

    private func count(_ call: Call, _ computed: Computed, _ end: ContinuousClock.Instant) {
        call.model.tally.countAnswer(
            rows: call.request.inputs.first?.tensor.rows ?? 0, rowsOfRun: computed.rowsOfRun,
            ModelTally.Times(
                total: (end - call.start).nanoseconds, queue: (computed.begun - computed.arranged).nanoseconds,
                input: (computed.arranged - call.start).nanoseconds,
                infer: (computed.ended - computed.begun).nanoseconds, output: (end - computed.ended).nanoseconds,
                cache: computed.lookup.map { ($0.time, $0.isHit) }),
            at: clock.now())
    }

    private func countFailure(_ call: Call, _ id: SealedID, _ error: MartletError, isObserved: Bool) {
        let end = ContinuousClock.now
        if call.isCounted { call.model.tally.countFailure((end - call.start).nanoseconds) }
        guard isObserved, !error.isImpatience(after: end - call.start) else { return }
        observe(call, id, [], failure: error.code, flags: error.rejectedFlags, at: end)
    }

    private func arrange(_ call: Call) throws(MartletError) -> ArrangedInputs {
        let signature = Signature(call.model)
        let inputs = try signature.arrange(call.request.inputs)
        try signature.check(outputs: call.request.outputs)
        return try ArrangedInputs(inputs, validatedBy: call.endpoint?.inputRules(call.model))
    }

    /// All outputs: those not asked for are needed by bounds, observation and record.
    private func compute(_ call: Call) async throws -> Computed {
        let inputs = try arrange(call)
        let lookup = CacheLookup(call, inputs.tensors, in: cache)
        var computed: Computed
        if let known = Computed(lookup, arranged: .now) {
            computed = known
        } else {
            let pass = try call.admitByCircuit()
            do {
                computed = try await run(
                    call.model, inputs.tensors, call.place, until: call.deadline, by: call.batching,
                    isBrief: !call.isConcurrencyBound)
            } catch {
                call.endCircuit(pass, after: error)
                throw error
            }
            call.endCircuit(pass)
            keep(&computed, lookup)
        }
        computed.inputs = inputs
        try check(computed.outputs, of: call)
        return computed
    }

    /// Caches what was computed, where the call's answers are.
    private func keep(_ computed: inout Computed, _ lookup: CacheLookup?) {
        guard var lookup else { return }
        lookup.keep(computed.outputs, in: cache)
        computed.lookup = lookup
    }

    /// All outputs of a run that is no caller's.
    func run(_ model: LoadedModel, _ inputs: [Tensor]) async throws -> [NamedTensor] {
        try await run(model, inputs, RunPlace(model: model.runKey), until: nil, by: nil).outputs
    }

    /// Runs a model on the threads for it, within its deadline, together with others where a rule says so; or here, where the run is known
    /// to be brief.
    private func run(
        _ model: LoadedModel, _ inputs: [Tensor], _ place: RunPlace, until deadline: CallersDeadline?,
        by rule: BatchingRule?, isBrief mayBeBrief: Bool = true
    ) async throws -> Computed {
        let arranged = ContinuousClock.now
        if let deadline, deadline.instant <= arranged { throw deadline.error }
        if let rule, model.isInRows, let rows = inputs.first?.rows, rows < rule.maxRows {
            let part = SharedPart(inputs: inputs, rows: rows)
            let answer = try await runs.run(place, until: deadline, part, by: rule) {
                (inputs, stop) throws(MartletError) in try model.run(inputs, stop)
            }
            return Computed(
                outputs: answer.outputs, arranged: arranged, begun: answer.begun, ended: answer.ended,
                rowsOfRun: answer.rowsOfRun)
        }
        let elements = model.brief == nil ? 0 : LoadedModel.elements(inputs)
        if mayBeBrief, let brief = model.brief, brief.isKnown(elements: elements), model.model.isAtHand {
            return try Self.timed(model, inputs, .never, elements, arranged: arranged, begun: arranged)
        }
        return try await runs.run(place, until: deadline) { (stop) throws(MartletError) in
            try Self.timed(model, inputs, stop, elements, arranged: arranged, begun: .now)
        }
    }

    private static func timed(
        _ model: LoadedModel, _ inputs: [Tensor], _ stop: RunStop, _ elements: Int,
        arranged: ContinuousClock.Instant, begun: ContinuousClock.Instant
    ) throws(MartletError) -> Computed {
        let outputs = try model.run(inputs, stop)
        let ended = ContinuousClock.now
        model.brief?.learn(elements: elements, took: ended - begun)
        return Computed(
            outputs: outputs, arranged: arranged, begun: begun, ended: ended, rowsOfRun: inputs.first?.rows ?? 0)
    }

    /// What the caller asked for, in the model's order.
    private func choose(from outputs: [NamedTensor], _ call: Call) throws(MartletError) -> [NamedTensor] {
        let chosen = Self.select(outputs, call.request.outputs)
        guard !call.request.classifications.isEmpty else { return chosen }
        let version = call.model.version
        var classified: [NamedTensor] = []
        for output in chosen {
            guard let k = call.request.classifications[output.name],
                let spec = call.model.metadata.outputs.first(where: { $0.name == output.name })
            else {
                classified.append(output)
                continue
            }
            let labels = output.name == version.scoreOutput ? version.classes : []
            classified.append(try Classification.top(k, of: output, spec: spec, labels: labels))
        }
        return classified
    }

    private static func select(_ outputs: [NamedTensor], _ names: [String]?) -> [NamedTensor] {
        guard let names else { return outputs }
        return outputs.filter { names.contains($0.name) }
    }

    /// A prediction's id and the time that it states.
    struct SealedID {
        let id: PredictionID
        let time: Timestamp
    }

    func seal(_ call: Call) -> SealedID { seal(version: call.model.version.id.version, endpoint: call.endpoint) }

    /// - Parameter version: 0 where no model answers.
    func seal(version: Int, endpoint: ServedEndpoint?) -> SealedID {
        let time = clock.now()
        let id = sealer.seal(
            PredictionOrigin(
                endpointID: endpoint?.id ?? 0, version: version, policyVersion: endpoint?.policyVersion ?? 0,
                rolloutID: endpoint?.rolloutID ?? 0, rolloutStep: endpoint?.rolloutStep ?? 0, time: time))
        return SealedID(id: id, time: time)
    }

    private func isRecorded(_ call: Call) -> Bool { isRecorded(call.recordMode, call.endpoint) }

    private func isRecorded(_ mode: RecordRule.Mode, _ endpoint: ServedEndpoint?) -> Bool {
        switch mode {
        case .none: false
        case .sampled: roll() < (endpoint?.record.sampleRate ?? 0)
        case .all: true
        }
    }

    /// Records what a rule of the policy has answered, as the policy has it of models' answers.
    func recordRule(_ routed: RoutedRequest, _ id: PredictionID, _ outputs: [NamedTensor]) async throws {
        let mode = routed.endpoint?.record.mode ?? .none
        guard isRecorded(mode, routed.endpoint) else { return }
        try await keep(
            PredictionRecord(
                id: id, time: clock.now(), endpoint: routed.model, version: 0,
                input: TensorRecord.encode(routed.request.inputs), output: TensorRecord.encode(outputs),
                runtime: PredictionReplayer.ruleRuntime), mode)
    }

    private func record(_ call: Call, _ id: PredictionID, _ computed: Computed) -> PredictionRecord {
        PredictionRecord(
            id: id, time: clock.now(), endpoint: call.name, version: call.model.version.id.version,
            input: TensorRecord.encode(computed.inputs.recorded(of: call)),
            output: TensorRecord.encode(computed.outputs),
            runtime: call.model.runtimeIdentity)
    }

    private func keep(_ record: PredictionRecord, _ mode: RecordRule.Mode) async throws {
        guard mode == .all else {
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

    /// Rows of one request that are observed; a larger batch is observed in its first so many rows, to bound the tap's cost.
    static let observedRowsMax = 10_000

    func observe(
        _ call: Call, _ id: SealedID, _ outputs: [NamedTensor], failure: MartletError.Code?, flags: [InputFlag] = [],
        at end: ContinuousClock.Instant = .now
    ) {
        guard call.isObserved, let endpoint = call.endpoint, let role = call.role else { return }
        let layout = call.model.layout
        let isAnswered = failure == nil
        let rows = isAnswered ? min(call.request.inputs.first?.tensor.rows ?? 0, Self.observedRowsMax) : 0
        sink.observe(
            Observation(
                predictionID: id.id, endpoint: endpoint.name, version: call.model.version.id.version, role: role,
                askedAt: id.time, time: clock.now(), latencyNanoseconds: (end - call.start).nanoseconds,
                failure: failure, rows: rows,
                features: isAnswered ? .tensors(layout.inputs(of: call.request.inputs), layout) : .none,
                answer: isAnswered ? .tensors(layout.outputs(of: outputs), layout) : .none,
                businessKey: call.request.businessKey, inputFlags: flags))
    }

    /// Copies for the shadow variants, dropped first when there is much to do: no caller ever waits for them.
    func copyToShadows(_ endpoint: ServedEndpoint, _ request: InferenceRequest) {
        for variant in endpoint.variants where variant.role == .shadow {
            guard let model = endpoint.model(variant.version) else { continue }
            let isAccepted = shadows.offer(model.runKey) { self.shadow(endpoint, model, request, $0) }
            if !isAccepted { counters.shadowsDropped.wrappingAdd(1, ordering: .relaxed) }
        }
    }

    private func shadow(_ endpoint: ServedEndpoint, _ model: LoadedModel, _ request: InferenceRequest, _ stop: RunStop)
    {
        let call = Call(
            endpoint: endpoint, name: endpoint.name, model: model, role: .shadow, request: request, start: .now)
        let id = seal(call)
        do {
            let inputs = try ArrangedInputs(
                Signature(model).arrange(request.inputs), validatedBy: call.endpoint?.inputRules(model))
            let outputs = try model.run(inputs.tensors, stop)
            let violation = OutputCheck.violation(of: endpoint.outputBounds, in: outputs)
            if violation != nil { counters.boundViolations.wrappingAdd(1, ordering: .relaxed) }
            observe(call, id, outputs, failure: violation == nil ? nil : .internal, flags: inputs.flags)
        } catch {
            // The champion has answered this request: a refusal is the shadow's own failure.
            observe(
                call, id, [], failure: error.isModelRefusal ? .internal : error.code, flags: error.rejectedFlags)
        }
    }
}
