public import Domain
internal import Inference
public import Logging
internal import Synchronization

/// Serves a folder of models without a registry: reads it at the start, and again when it is told to, or by itself.
///
/// All that changes what is served happens one after the other on the data plane's thread for loading. What is served is swapped as a
/// whole, after everything new has been loaded, checked and run once.
public final class ModelRepository: RepositoryControlling {
    struct State: Sendable {
        var models: [String: RepositoryModel] = [:]
        /// Whether all of it was read once: before, nothing is served.
        var isRead = false
        var generation: Int64 = 0
    }

    let folder: RepositoryFolder
    let reader: RepositoryReader
    let plane: DataPlane
    let logger: Logger
    /// 0 never looks again by itself.
    let pollSeconds: Int
    let state = Mutex(State())
    /// Lists folders, which must not wait for a model that is being loaded.
    private let lister = BoundedExecutor(threads: 1, waitingMax: 64)
    private let codec: ModelConfigurationCodec
    let giveBack: @Sendable () -> Void

    /// - Parameters:
    ///   - path: the folder of models, or of the one model.
    ///   - modelName: the one model's name; nil where each folder is a model.
    ///   - giveBack: called when models may have left the memory, to give it back to the system.
    /// - Throws: `invalidArgument` where there is no such folder.
    public init(
        path: String, modelName: String?, pollSeconds: Int, plane: DataPlane, codec: ModelConfigurationCodec,
        logger: Logger, giveBack: @escaping @Sendable () -> Void = {}
    ) throws(MartletError) {
        folder = try RepositoryFolder(path: path, modelName: modelName)
        reader = RepositoryReader(
            folder: folder, codec: codec,
            loader: VersionLoader(
                runtime: plane.runtime, folder: folder, runSecondsMax: plane.configuration.runSecondsMax),
            logger: logger)
        self.plane = plane
        self.codec = codec
        self.logger = logger
        self.pollSeconds = pollSeconds
        self.giveBack = giveBack
    }

    // MARK: calls

    /// Not before all was read; and then as soon as any model can be called, since one that cannot must not take the others away.
    public var isReady: Bool {
        plane.isReady
            && state.withLock { state in
                state.models.isEmpty || state.models.values.contains { !$0.served.isEmpty }
            }
    }

    public func index() async throws -> [RepositoryEntry] {
        let folder = folder
        let names = try await lister.run { () throws(MartletError) in try folder.names() }
        let models = state.withLock { $0.models }
        var entries: [RepositoryEntry] = []
        for name in Set(names).union(models.keys).sorted() {
            guard let known = models[name]?.entries(name), !known.isEmpty else {
                entries.append(
                    RepositoryEntry(id: ModelVersionID(model: name, version: 0), reason: "not loaded", isReady: false))
                continue
            }
            entries += known
        }
        return entries
    }

    /// Loads what has changed of a model, all of it if a configuration comes with the call; what has not changed stays as it is.
    public func load(_ model: String, _ overrides: ModelLoadOverrides) async throws {
        if let file = overrides.files.first {
            throw MartletError(
                .unimplemented,
                "The parameter \"\(file.prefix(64))\" is not taken: put files into the repository, and call again.",
                field: file)
        }
        let override = try overrides.configuration.map { text throws(MartletError) in try codec.json(text) }
        guard state.withLock({ $0.isRead }) else {
            throw MartletError(.unavailable, "The repository is being read. Call again when the server is ready.")
        }
        let failure = try await plane.loader.run { () throws(MartletError) in try self.reload(model, override) }
        giveBack()
        if let failure { throw failure }
    }

    /// Returns why not all of it could be loaded. On the thread for loading only.
    private func reload(_ name: String, _ override: ModelConfiguration?) throws(MartletError) -> MartletError? {
        let present = state.withLock { $0.models[name] }
        // A plain call goes back to the configuration on disk.
        let known = present?.seen.flatMap { $0.isOverridden ? nil : $0 }
        let sight: RepositorySight
        do throws(MartletError) {
            sight = try reader.look(at: name, known: known, override: override)
        } catch {
            if error.code == .notFound { throw error }
            let failing = keep((present ?? RepositoryModel()).failing(error), as: name)
            return failing.refusal(name, error.message, error)
        }
        return keep(reader.load(sight, over: present), as: name).failure(name)
    }

    /// Takes a model away from its callers. Runs in progress end as they would have.
    public func unload(_ model: String) async throws {
        try await plane.loader.run { () throws(MartletError) in
            guard let present = self.state.withLock({ $0.models[model] }) else {
                throw .notFound("There is no model \(model.prefix(255)) to unload.")
            }
            self.keep(present.unloading(), as: model)
            self.logger.info("model unloaded", metadata: ["model": "\(model)"])
        }
        giveBack()
    }

    // MARK: what is served

    /// Serves a model as it is from now on; nil forgets it. On the thread for loading only.
    @discardableResult
    func keep(_ model: RepositoryModel?, as name: String) -> RepositoryModel {
        let isRead = state.withLock { state in
            state.models[name] = model
            return state.isRead
        }
        if isRead { publish() }
        if let model { log(model, name) }
        return model ?? RepositoryModel()
    }

    /// Puts all that is loaded in the place of what is served. On the thread for loading only.
    func publish() {
        let routes = state.withLock { state in
            state.generation += 1
            return Self.routes(state, now: plane.clock.now())
        }
        plane.endpoints.replace(with: routes)
    }

    private static func routes(_ state: State, now: Timestamp) -> EndpointTable.Routes {
        var endpoints: [Endpoint] = []
        var models: [ModelVersionID: LoadedModel] = [:]
        var failures: [ModelVersionID: MartletError] = [:]
        for (name, model) in state.models {
            for (version, served) in model.served {
                models[ModelVersionID(model: name, version: version)] = served.model
            }
            for (version, failure) in model.failures where model.served[version] == nil {
                failures[ModelVersionID(model: name, version: version)] = failure
            }
            guard let newest = model.newest else { continue }
            var endpoint = Endpoint(
                id: 0, name: name,
                variants: [Variant(version: newest, role: .champion, weightBasisPoints: 10_000)], updatedAt: now)
            // There is nowhere to keep it.
            endpoint.record.mode = .none
            endpoints.append(endpoint)
        }
        return EndpointTable.Routes(
            generation: state.generation, endpoints: endpoints, models: models, failures: failures,
            isGoverned: false)
    }

    private func log(_ model: RepositoryModel, _ name: String) {
        guard !model.isUnloaded else { return }
        for (version, failure) in model.failures.sorted(by: { $0.key < $1.key }) {
            logger.error(
                "a model could not be loaded",
                metadata: ["model": "\(name)", "version": "\(version)", "reason": "\(failure.message)"])
        }
        if !model.served.isEmpty {
            let versions = model.served.keys.sorted().map(String.init).joined(separator: ", ")
            logger.info("model served", metadata: ["model": "\(name)", "versions": "\(versions)"])
        }
    }
}
