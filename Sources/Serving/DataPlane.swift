public import Domain
public import Inference
internal import Synchronization

/// Answers predictions: admission, routing, validation, execution, fallback, and the tap that observes.
///
/// Reads nothing but an immutable snapshot of the endpoints, so it serves on while the database is away, and shares no lock
/// with the control plane.
public final class DataPlane: Sendable {
    let runtime: any Runtime
    let python: any Runtime
    let models: ModelTable
    let sealer: any PredictionIDSealing
    let clock: any WallClock
    let log: any PredictionLog
    let sink: any ObservationSink
    let configuration: DataPlaneConfiguration
    let counters = DataPlaneCounters()
    let changes = ChangeMemory()
    let runs: ModelRunner
    let shadows: ModelRunner
    let loader = BoundedExecutor(threads: 1, waitingMax: 64)
    let endpoints = EndpointTable()
    let cache: AnswerCache
    private let slowFailures = SlowFailures()
    private let snapshotFile: SnapshotFile
    private let inWork = Atomic<Int>(0)
    private let turn = Atomic<UInt64>(UInt64.random(in: .min ... .max))
    /// Apart from `turn`, so that what is recorded does not follow from where a request went.
    private let dice = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    /// - Parameters:
    ///   - python: serves models that are no ONNX.
    ///   - snapshotPath: the file that holds the last snapshot, for a restart without the database.
    public init(
        runtime: any Runtime, python: any Runtime = DataPlane.noPython, sealer: any PredictionIDSealing,
        clock: any WallClock, log: any PredictionLog,
        sink: any ObservationSink, snapshotPath: String, configuration: DataPlaneConfiguration = .init()
    ) {
        self.runtime = runtime
        self.python = python
        models = ModelTable(runtime: runtime, python: python)
        self.sealer = sealer
        self.clock = clock
        self.log = log
        self.sink = sink
        self.configuration = configuration
        cache = AnswerCache(bytesMax: configuration.answerCacheBytesMax)
        runs = ModelRunner(
            .init(
                threads: configuration.runThreads, waitingMax: configuration.runsWaitingMax,
                seconds: configuration.runSecondsMax))
        shadows = ModelRunner(
            .init(threads: 1, waitingMax: configuration.shadowsWaitingMax, seconds: configuration.runSecondsMax))
        snapshotFile = SnapshotFile(path: snapshotPath)
    }

    public static let noPython = MissingRuntime(reason: .precondition("There are no Python workers on this server."))

    // MARK: what is served

    /// Serves by this snapshot from now on. Versions that cannot be loaded are left out and say why when they are called.
    /// A snapshot older than the present one changes nothing.
    ///
    /// - Throws: what writing the snapshot to disk throws; it is served by all the same.
    public func apply(_ snapshot: EndpointSnapshot) async throws {
        let file = snapshotFile
        // Written on the loader's one thread, so that of two snapshots the newer is what stays on disk.
        let failure = try await loader.run { () -> (any Error)? in
            guard self.install(snapshot) else { return nil }
            do { try file.write(snapshot) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    /// Serves by the snapshot that a process before this one left on disk, if any.
    ///
    /// - Returns: whether there was one.
    public func applyStored() async throws -> Bool {
        guard let snapshot = snapshotFile.read() else { return false }
        return try await loader.run { self.install(snapshot) }
    }

    /// Returns whether the snapshot is in place: not if it is older than the present one.
    private func install(_ snapshot: EndpointSnapshot) -> Bool {
        let present = endpoints.current
        if let present, present.generation > snapshot.generation { return false }
        var loaded: [ModelVersionID: LoadedModel] = [:]
        var failures: [ModelVersionID: MartletError] = [:]
        // Those that take traffic come first to what there is a limit of.
        let named = Set(
            snapshot.endpoints.flatMap { endpoint in
                endpoint.variants.map { ModelVersionID(model: endpoint.name, version: $0.version) }
            })
        for version in snapshot.versions.filter({ named.contains($0.id) })
            + snapshot.versions.filter({ !named.contains($0.id) })
        {
            if let known = present?.models[version.id], known.version == version {
                loaded[version.id] = known
                continue
            }
            if let failure = slowFailures.failure(of: version) {
                failures[version.id] = failure
                continue
            }
            do { loaded[version.id] = try models.load(version) } catch {
                failures[version.id] = error
                slowFailures.keep(error, of: version)
            }
        }
        endpoints.replace(
            with: EndpointTable.Routes(
                generation: snapshot.generation,
                endpoints: snapshot.endpoints,
                models: loaded,
                failures: failures))
        models.keep(only: Set(snapshot.versions.map(\.digest)))
        return true
    }

    /// Whether a runtime is loaded and a snapshot is applied.
    public var isReady: Bool { !(runtime is MissingRuntime) && endpoints.current != nil }

    /// Runtime build and processor.
    public var runtimeIdentity: String { runtime.identity }

    public var counts: DataPlaneCounts { counters.counts }

    /// nil where all models stay in memory.
    public var modelMemory: ModelMemoryCounts? { (runtime as? BoundedRuntime)?.counts }

    /// Names of the endpoints that can be called, ascending.
    public var endpointNames: [String] { (endpoints.current?.endpoints.keys).map { $0.sorted() } ?? [] }

    /// The endpoints that are served now, with the versions that could be loaded.
    public var snapshot: EndpointSnapshot {
        guard let routes = endpoints.current else { return .empty }
        return EndpointSnapshot(
            generation: routes.generation, endpoints: routes.endpoints.values.map(\.value).sorted { $0.name < $1.name },
            versions: routes.models.values.map(\.version).sorted {
                ($0.id.model, $0.id.version) < ($1.id.model, $1.id.version)
            })
    }

    /// What a version, or the endpoint's champion, says of itself.
    ///
    /// - Throws: `notFound`; `unavailable` where it is known but cannot be served, saying why.
    public func metadata(model: String, version: Int?) throws(MartletError) -> ServedModelMetadata {
        let routes = try currentRoutes()
        let loaded: LoadedModel
        if let version {
            loaded = try routes.model(ModelVersionID(model: model, version: version))
        } else {
            let endpoint = try routes.endpoint(model)
            guard let variant = endpoint.champion ?? endpoint.variants.first else { throw Self.noVariant(model) }
            loaded = try routes.model(ModelVersionID(model: model, version: variant.version))
        }
        return ServedModelMetadata(
            name: model, versions: routes.models.keys.filter { $0.model == model }.map(\.version).sorted(),
            platform: (loaded.version.runtime ?? .onnx).platform, inputs: loaded.metadata.inputs,
            outputs: loaded.metadata.outputs,
            version: loaded.version.id.version, predictionOutput: loaded.version.predictionOutput, rule: loaded.rule)
    }

    func currentRoutes() throws(MartletError) -> EndpointTable.Routes {
        guard let routes = endpoints.current else {
            throw MartletError(.unavailable, "The server has not read its endpoints yet.")
        }
        return routes
    }

    static func noVariant(_ model: String) -> MartletError {
        MartletError(.unavailable, "The endpoint \(model) has no version that takes traffic.")
    }

    /// A number of 0 or more and less than 1, from SplitMix64: the system's own generator costs a system call each time.
    func roll() -> Double {
        let state = dice.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        return Double(TrafficSplit.mixed(state) >> 11) * 0x1p-53
    }

    // MARK: a prediction

    /// Answers one request by the endpoint's split, or by an explicit version.
    ///
    /// - Throws: `notFound`, `invalidArgument` naming the input, `resourceExhausted` where too many requests are in work,
    ///   `unavailable` where the version cannot be served now, `deadlineExceeded` where the model takes longer than it or the
    ///   caller may, `internal` where it fails.
    public func infer(model: String, version: Int?, request: InferenceRequest) async throws -> InferenceResponse {
        switch try begin(model: model, version: version, request: request) {
        case .answered(let response): response
        case .waiting(let routed): try await infer(routed)
        }
    }

    /// The way of a request has been chosen; or its answer, too, where that takes no time to speak of.
    public enum Begun: Sendable {
        case answered(InferenceResponse)
        /// To be handed to `infer`.
        case waiting(RoutedRequest)
    }

    /// Chooses the variant, and answers at once where the model is known to run briefly and nothing need be waited for: so a caller may
    /// be a thread that reads requests.
    ///
    /// - Throws: as `infer`.
    public func begin(model: String, version: Int?, request: InferenceRequest) throws -> Begun {
        let routes = try currentRoutes()
        var routed = try route(model: model, version: version, request: request, routes)
        guard !routed.mayFallBack else { return .waiting(routed) }
        do throws(MartletError) {
            guard let response = try answerBriefly(routed.call(routed.variant)) else { return .waiting(routed) }
            if routed.variant != nil, let endpoint = routed.endpoint, endpoint.hasShadows {
                copyToShadows(endpoint, request)
            }
            return .answered(response)
        } catch {
            guard routed.isStoodInFor(after: error) else { throw error }
            routed.failure = error
            return .waiting(routed)
        }
    }

    private func route(
        model: String, version: Int?, request: InferenceRequest, _ routes: EndpointTable.Routes
    ) throws(MartletError) -> RoutedRequest {
        var routed = RoutedRequest(routes: routes, model: model, version: version, request: request)
        if let version {
            routed.endpoint = routes.endpoints[model]
            if !routes.isGoverned {
                routed.variant = Variant(version: version, role: .champion, weightBasisPoints: 0)
            }
        } else {
            let endpoint = try routes.endpoint(model)
            guard let variant = endpoint.soleVariant ?? split(endpoint, request) else { throw Self.noVariant(model) }
            routed.endpoint = endpoint
            routed.variant = variant
        }
        return routed
    }

    private func split(_ endpoint: ServedEndpoint, _ request: InferenceRequest) -> Variant? {
        let key = request.businessKey.map(TrafficSplit.hash) ?? turn.wrappingAdd(1, ordering: .relaxed).newValue
        return TrafficSplit.choose(endpoint.value, key: key)
    }

    /// Answers a request whose way has been chosen.
    ///
    /// - Throws: as `infer` of a model.
    public func infer(_ routed: RoutedRequest) async throws -> InferenceResponse {
        let number = inWork.wrappingAdd(1, ordering: .relaxed).newValue
        defer { inWork.wrappingSubtract(1, ordering: .relaxed) }
        guard number <= configuration.concurrencyMax else {
            counters.refused.wrappingAdd(1, ordering: .relaxed)
            throw MartletError(
                .resourceExhausted, "More than \(configuration.concurrencyMax) requests are in work. Try again later.")
        }
        let response = try await answer(routed)
        if routed.variant != nil, let endpoint = routed.endpoint, endpoint.hasShadows {
            copyToShadows(endpoint, routed.request)
        }
        return response
    }
}

extension MartletError.Code {
    /// Whether the server, not the caller, is to blame.
    var isServersFault: Bool { self == .internal || self == .unavailable || self == .deadlineExceeded }
}

extension EndpointTable.Routes {
    func endpoint(_ name: String) throws(MartletError) -> ServedEndpoint {
        guard let endpoint = endpoints[name] else { throw MartletError.notFound("There is no endpoint \(name).") }
        return endpoint
    }

    func model(_ id: ModelVersionID) throws(MartletError) -> LoadedModel {
        if let model = models[id] { return model }
        if let failure = failures[id] {
            let subject = id.version == 0 ? "The model \(id.model)" : "The version \(id)"
            throw MartletError(.unavailable, "\(subject) cannot be served. \(failure.message)", cause: failure)
        }
        throw MartletError.notFound("The version \(id) is not served.")
    }
}
