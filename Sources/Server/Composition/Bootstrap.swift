internal import Domain
internal import Foundation
internal import Guests
internal import Hummingbird
internal import HummingbirdCore
internal import Lifecycle
public import Logging
internal import ServiceLifecycle
internal import Serving
internal import Storage
internal import UnixSignals

/// Starts the server: a list, read from top to bottom; stopping goes the other way round.
public struct Bootstrap: Sendable {
    let configuration: ServerConfiguration
    let logger: Logger

    public init(configuration: ServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, then drains.
    ///
    /// - Throws: `MartletError` if it cannot start.
    public func run() async throws {
        try configuration.validate()
        ProcessMemory.returnWhenFreed()
        EventLoops.suggestCount()
        if let folder = configuration.modelRepository { return try await runRepository(folder) }
        let directory = try DataDirectory(path: configuration.dataDirectory, role: configuration.role)
        let services = try await makeServices()
        defer { services.python.close() }
        if configuration.role.isControl {
            try await makeFirstAdministrator(services)
            try await setLineageEvents(services)
        }
        let hasSnapshot = try await services.dataPlane.applyStored()
        if !hasSnapshot { try await services.dataPlane.apply(.empty) }
        // Tried again every round of the rollout controller: what the last process served is served until then.
        do { if configuration.role.isControl { try await services.rollouts.publisher.publish() } } catch {
            logger.error("the endpoints could not be published yet", metadata: ["error": "\(error)"])
        }
        let certificates = try makeCertificates()
        let grpc = try await makeGRPCServer(services.inference, knowing: services.knowing, certificates)
        let front = FrontCallList()
        let router = Self.makeRouter(services, front: front)
        let application = Application(
            router: router,
            server: makeServer(
                makeDoor(front.calls, knowing: services.knowing, budget: services.bodyBudget), certificates),
            configuration: applicationConfiguration,
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? configuration.port
                let url = url(port: port)
                directory.announce(url: url)
                services.address.set(url: localURL(port: port))
                announce(url: url, grpcPort: grpc?.port, runtime: services.runtimeDescription)
            },
            logger: logger)
        var listeners: [any Service] = [application]
        if let grpc { listeners.append(grpc) }
        if let certificates { listeners.append(certificates) }
        try await serve(planeServices(services) + listeners + [services.draining])
        try await services.observations.close()
        try await services.registry.close()
    }

    /// Runs the services, started in this order, until SIGTERM or SIGINT; then stops them from the last to the first.
    func serve(_ services: [any Service]) async throws {
        var group = ServiceGroupConfiguration(
            services: (services + [IdleMemoryService()]).map { .init(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(configuration.drainSeconds)
        do { try await ServiceGroup(configuration: group).run() } catch {
            throw StartFailure.listening(error, host: configuration.host, port: configuration.port, setting: "port")
        }
    }

    var applicationConfiguration: ApplicationConfiguration {
        .init(
            address: .hostname(configuration.host, port: configuration.port), serverName: nil,
            availableConnectionsDelegate: .maximum(configuration.connectionsMax, logger: logger))
    }

    /// Where it listens, for a person.
    func url(port: Int) -> String {
        "\(configuration.tlsCertificate == nil ? "http" : "https")://\(configuration.host):\(port)"
    }

    /// Before anything can happen: no event is lost, and none is kept that nobody wants. With the database away what was set before
    /// holds: nothing can happen that would make an event, until it is back.
    private func setLineageEvents(_ services: Services) async throws {
        do {
            try await OpenLineageOutbox(database: services.registry, clock: services.clock).setEnabled(
                configuration.openLineageURL != nil)
        } catch {
            guard (error as? MartletError)?.code == .unavailable else { throw error }
            logger.error(
                "whether lineage events are kept could not be set; it stays as it was", metadata: ["error": "\(error)"])
        }
    }

    /// What runs beside the HTTP server, by the planes of this process; stopped the other way round.
    private func planeServices(_ services: Services) -> [any Service] {
        let inference: [any Service] = [
            PredictionLogService(log: services.predictionLog, logger: logger), services.monitoring.pump,
            RequestLimiterService(limiter: services.requestLimiter, logger: logger),
        ]
        let listener: [any Service] =
            configuration.databaseURL == nil
            ? []
            : [
                SnapshotListener(
                    registry: services.registry, publisher: services.rollouts.publisher,
                    receiver: services.snapshotReceiver, logger: logger)
            ]
        guard configuration.role.isControl else {
            return inference + listener + [
                SnapshotFollower(
                    path: configuration.dataDirectory + "/snapshot.json", plane: services.dataPlane, logger: logger)
            ]
        }
        return listener + [
            AuditCheckpointService(
                store: services.audit, signer: services.auditSigner,
                file: CheckpointFile(path: configuration.dataDirectory + "/keys/audit.checkpoints"),
                clock: services.clock, logger: logger)
        ] + inference
            + [
                services.preparer, services.optimizer, services.rollouts.controller, services.retraining.service,
                services.webhooks.service,
                MetricIndexService(
                    inbox: MetricInbox(database: services.registry, clock: services.clock),
                    index: MetricIndex(database: services.registry, clock: services.clock), logger: logger),
                ArtifactCleanUpService(keeper: services.artifacts.blobs.keeper, logger: logger),
            ] + services.monitoring.judging + [services.lineage.openLineage].compactMap { $0 }
    }

    /// How a child on this machine reaches the server.
    private func localURL(port: Int) -> String {
        let host = ["0.0.0.0", "::"].contains(configuration.host) ? "localhost" : configuration.host
        let isIPv6 = host.contains(":")
        return "\(configuration.tlsCertificate == nil ? "http" : "https")://\(isIPv6 ? "[\(host)]" : host):\(port)"
    }

    func makeServices() async throws -> Services {
        let clock = SystemClock()
        let databases = try ServerDatabases(
            dataDirectory: configuration.dataDirectory, databaseURL: configuration.databaseURL, clock: clock,
            mustConnect: false, logger: logger)
        let (registry, observations) = (databases.registry, databases.observations)
        let artifacts = try await makeArtifacts(registry: registry, clock: clock)
        let predictionLog = PredictionLogStore(database: observations, cipher: artifacts.cipher)
        let relay = ObservationRelay()
        let guests = makeGuests()
        let python = await PythonRuntime(
            guests: guests, runSecondsMax: Double(configuration.predictionSeconds) + 1, logger: logger)
        let (dataPlane, predictionIDs, runtime) = try makeDataPlane(
            clock: clock, log: predictionLog, sink: relay, python: python)
        let reader = RegistryReader(database: registry, artifacts: artifacts.store, clock: clock)
        let preparations = PreparationStore(database: registry)
        let signing = try makeSigning(registry: registry, artifacts: artifacts.store, reader: reader, clock: clock)
        let modelFiles = LocalModelFiles(blobs: artifacts.store.blobs, registry: reader, logger: logger)
        let localPreparations = LocalPreparations(files: modelFiles, store: preparations)
        let policies = PolicyStore(database: registry, clock: clock)
        let policy: @Sendable (String) async throws -> PolicyVersion? = { try await policies.policyInForce($0) }
        let receiver = SignedReceiver(
            signatures: signing.verifier, policy: policy,
            receiver: LocalisingReceiver(files: modelFiles, receiver: dataPlane), logger: logger)
        let publisher = SnapshotPublisher(
            endpoints: EndpointStore(database: registry), preparations: preparations, policy: policy,
            trainingProfile: makeTrainingProfiles(registry: registry, reader: reader, clock: clock),
            receiver: SnapshotRelay(receiver: receiver, registry: registry), logger: logger)
        let preparer = try makePreparer(
            reader: reader, store: preparations, guests: guests, python: python, clock: clock,
            listener: publisher,
            requireSignature: { id in
                guard let rule = try await policy(id.model)?.policy.signing else { return }
                try await signing.verifier.requireSignature(of: id, by: rule)
            })
        let registryStore = RegistryStore(database: registry, clock: clock, signer: signing.signer)
        let optimized = OptimizedVersionStore(registry: registryStore, artifacts: artifacts.store)
        let optimizer = makeOptimizer(
            reader: reader, preparations: localPreparations, guests: guests, keeper: optimized, preparer: preparer,
            clock: clock)
        let address = ServerAddress()
        let retrainingAlerts = AlertRelay()
        let monitoring = makeMonitoring(
            registry: registry, observations: observations, predictionLog: predictionLog, reader: reader,
            dataPlane: dataPlane,
            predictionIDs: predictionIDs, relay: relay, clock: clock, cipher: artifacts.cipher,
            policy: { try await policy($0)?.policy },
            listeners: [retrainingAlerts])
        let governance = makeGovernance(
            registry: registry, policies: policies, reader: reader, preparations: localPreparations,
            dataPlane: dataPlane,
            monitoring: monitoring, predictionIDs: predictionIDs, publisher: publisher, clock: clock)
        let keys = KeyStore(database: registry, clock: clock)
        let memory = configuration.databaseURL.map { _ in
            KeyMemory(path: configuration.dataDirectory + "/keys/proven-keys.json", logger: logger)
        }
        let authenticator = Authenticator(keys: keys, clock: clock, memory: memory)
        let retraining = makeRetraining(
            registry: registry, keys: ForgettingKeys(keys: keys, authenticator: authenticator), policies: policies,
            reader: reader, guests: guests, monitoring: monitoring,
            observations: observations, predictionLog: predictionLog, preparations: preparations, address: address,
            clock: clock)
        retrainingAlerts.attach(retraining.service)
        let rollouts = makeRollouts(
            registry: registry, publisher: publisher, policy: policy,
            isApproved: { try await governance.approvals.isApproved($0) },
            preparations: preparations, signatures: signing.verifier, evidence: monitoring.evidence, clock: clock)
        let predictions = makePredictions(
            registry: registry, reader: reader, rollouts: rollouts.store, log: predictionLog,
            feedback: monitoring.feedback, outcomes: monitoring.outcomes, dataPlane: dataPlane,
            predictionIDs: predictionIDs,
            preparations: localPreparations,
            approvals: { try await governance.approvalStore.approvals(of: $0) })
        let lineage = makeLineage(
            registry: registry, observations: observations, blobs: artifacts.store.blobs, guests: guests,
            reader: reader,
            governance: governance, rollouts: rollouts.store, log: predictionLog, predictionIDs: predictionIDs,
            clock: clock)
        return Services(
            configuration: configuration, clock: clock, logger: logger, registry: registry, observations: observations,
            accounts: AccountStore(database: registry, clock: clock), keys: keys, authenticator: authenticator,
            audit: AuditStore(database: registry),
            auditSigner: try AuditSigner(directory: configuration.dataDirectory + "/keys"),
            experiments: ExperimentStore(database: registry, clock: clock),
            runs: RunStore(database: registry, clock: clock),
            loggedModels: LoggedModelStore(database: registry, clock: clock),
            registryStore: registryStore,
            artifactParts: artifacts, signing: signing,
            registryReader: reader, championGuard: policies, versionListener: preparer,
            preparations: preparations, guests: guests, python: python, preparer: preparer, optimizer: optimizer,
            optimizedVersions: optimized,
            predictionLog: predictionLog, dataPlane: dataPlane,
            requestLimiter: RequestLimiter(
                clock: clock, path: configuration.dataDirectory + "/requests-today.json"),
            snapshotReceiver: receiver, observationRelay: relay,
            predictionIDs: predictionIDs,
            runtimeDescription: runtime, monitoring: monitoring, governance: governance,
            rollouts: rollouts, retraining: retraining,
            webhooks: try makeWebhooks(registry: registry, cipher: artifacts.cipher, clock: clock),
            predictions: predictions, lineage: lineage,
            address: address,
            draining: Draining(), bodyBudget: BodyBudget(bytesMax: configuration.bodyMebibytesMax << 20)
        )
    }

    /// The first start makes an administrator; the key goes to a file that only its owner may read, never to a log.
    private func makeFirstAdministrator(_ services: Services) async throws {
        guard !configuration.isDevelopment else { return }
        let file = SecretFile(path: configuration.dataDirectory + "/admin-key")
        do {
            _ = try await services.accounts.createFirstAdministrator { try file.create(Array(($0 + "\n").utf8)) }
        } catch let error as MartletError where error.code == .unavailable && configuration.databaseURL != nil {
            // A database that is away now most likely has its administrator; if it has none, the next start makes one.
            logger.error("whether there is an administrator is not known yet", metadata: ["error": "\(error)"])
        }
    }

    /// Tells a person where everything is.
    private func announce(url: String, grpcPort: Int?, runtime: String) {
        let keyFile = configuration.dataDirectory + "/admin-key"
        let authentication: String
        if configuration.isDevelopment {
            authentication = "off (--dev): everyone on this machine is an administrator"
        } else if FileManager.default.fileExists(atPath: keyFile) {
            authentication = "on; the administrator's first key is in \(keyFile)"
        } else {
            authentication = "on"
        }
        print(
            """
            martlet: listening on \(url)
              dashboard       \(url)/
              MLflow client   export MLFLOW_TRACKING_URI=\(url)
              gRPC            \(grpcPort.map { "\(configuration.host):\($0)" } ?? "off")
              data directory  \(configuration.dataDirectory)
              role            \(configuration.role.rawValue)
              runtime         \(runtime)
              authentication  \(authentication)
              retention       windows and recorded predictions \(configuration.observationDays) days; registry, feedback and audit for ever
            """)
        // Standard output may be a file or a pipe, which would hold the lines back.
        fflush(nil)
    }

    /// The bytes of a request's head at most: an API key, cookies and what proxies add.
    static let headBytesMax = 32 << 10
    static let headFieldsMax = 100

    /// What the front answers. Where every request is logged, the middleware that does so must see them all.
    func makeDoor(_ calls: FrontCalls, knowing: FrontDoor.Knowing, budget: BodyBudget) -> FrontDoor {
        FrontDoor(
            calls: logger.logLevel <= .debug ? FrontCalls() : calls.served(by: configuration.role),
            knowing: knowing, budget: budget, isSecure: configuration.isSecure, logger: logger)
    }

    func makeServer(_ door: FrontDoor, _ certificates: TLSCertificates?) -> HTTPServerBuilder {
        let idleSeconds = configuration.idleSeconds
        return HTTPServerBuilder { responder in
            let plain = FrontChannel(
                base: HTTP1Channel(
                    responder: responder,
                    configuration: .init(
                        additionalChannelHandlers: [ConnectionWatchInstaller(idleSeconds: idleSeconds)],
                        httpDecoderConfiguration: .init(
                            maxHeaderFieldSize: Self.headBytesMax, maxHeaderListSize: Self.headBytesMax,
                            maxHeaderFieldCount: Self.headFieldsMax))),
                door: door)
            guard let certificates else { return plain }
            return CertifiedChannel(base: plain, certificates: certificates)
        }
    }

    /// All routes, protocol by protocol.
    ///
    /// - Parameter front: takes the calls that are answered before the router, too.
    static func makeRouter(
        _ services: Services, front: FrontCallList = FrontCallList()
    ) -> Router<MartletRequestContext> {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware {
            RequestLogMiddleware(logger: services.logger)
            ContentTypeOptionsMiddleware(isSecure: services.configuration.isSecure)
            ErrorMiddleware(logger: services.logger)
            PageErrorMiddleware(services: services)
            RoleMiddleware(role: services.configuration.role)
            BodyBudgetMiddleware(budget: services.bodyBudget)
        }
        let authenticator = services.authenticator
        let sessions = SessionSigner()
        if services.configuration.isDevelopment {
            router.add(middleware: DevelopmentMiddleware())
        } else {
            router.add(
                middleware: AuthenticationMiddleware(
                    authenticator: authenticator, keys: services.keys, sessions: sessions, clock: services.clock,
                    isMetricsOpen: services.configuration.isMetricsOpen,
                    isBehindProxy: services.configuration.isBehindProxy))
            router.add(middleware: NarrowKeyMiddleware(items: NarrowItemStore(database: services.registry)))
        }
        SignInRoutes.add(to: router, services: services, authenticator: authenticator, sessions: sessions)
        NativeRoutes.add(to: router, services: services, authenticator: authenticator)
        HealthRoutes.add(to: router)
        MLflowRoutes.add(to: router, services: services, front: front)
        OpenInferenceRoutes.add(to: router, inference: services.inference, front: front)
        EndpointRoutes.add(to: router, rollouts: services.rollouts)
        RolloutRoutes.add(to: router, rollouts: services.rollouts)
        RetrainingRoutes.add(to: router, retraining: services.retraining)
        PredictionRoutes.add(to: router, predictions: services.predictions)
        FeedbackRoutes.add(to: router, monitoring: services.monitoring, clock: services.clock)
        MonitoringRoutes.add(to: router, monitoring: services.monitoring, clock: services.clock)
        MetricsRoutes.add(
            to: router, monitoring: services.monitoring, plane: services.dataPlane,
            limiter: services.requestLimiter, isOpen: services.configuration.isMetricsOpen)
        DashboardRoutes.add(to: router, services: services, reading: StoredDashboard(services: services))
        return router
    }
}
