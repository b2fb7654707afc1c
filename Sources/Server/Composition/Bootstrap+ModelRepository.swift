internal import Domain
internal import Foundation
internal import Hummingbird
internal import Inference
internal import Logging
internal import Monitoring
internal import ServiceLifecycle
internal import Serving
internal import Wire

/// A server of a model repository: the data plane alone, without a database and without a registry.
extension Bootstrap {
    /// Runs until SIGTERM or SIGINT, then drains.
    ///
    /// - Throws: `MartletError` if it cannot start.
    func runRepository(_ path: String) async throws {
        let knowing = try makeKnowing()
        let sink = WindowAccumulator()
        let meter = TrafficMeter(sink: sink)
        let (plane, runtime) = makeRepositoryPlane(sink: sink)
        let repository = try ModelRepository(
            path: path, modelName: configuration.modelName, pollSeconds: configuration.repositoryPollSeconds,
            plane: plane,
            codec: ModelConfigurationCodec(
                text: { bytes throws(MartletError) in try ModelConfigurationText.decode(bytes) },
                json: { text throws(MartletError) in try ModelConfigurationText.decode(json: text) }),
            logger: logger, giveBack: { ProcessMemory.giveBack() })
        let parts = InferenceParts(
            plane: plane, repository: repository, limiter: RequestLimiter(clock: SystemClock()), draining: Draining(),
            bodyBudget: BodyBudget(bytesMax: configuration.bodyMebibytesMax << 20))
        let certificates = try makeCertificates()
        let grpc = try await makeGRPCServer(parts, knowing: knowing, certificates)
        let front = FrontCallList()
        let router = makeRepositoryRouter(parts, knowing: knowing, meter: meter, front: front)
        let application = Application(
            router: router,
            server: makeServer(makeDoor(front.calls, knowing: knowing, budget: parts.bodyBudget), certificates),
            configuration: applicationConfiguration,
            onServerRunning: { channel in
                announceRepository(
                    url: url(port: channel.localAddress?.port ?? configuration.port), grpcPort: grpc?.port,
                    folder: path, runtime: runtime)
            },
            logger: logger)
        var services: [any Service] = [meter, repository, application]
        if let grpc { services.append(grpc) }
        if let certificates { services.append(certificates) }
        try await serve(services + [parts.draining])
    }

    /// Whose requests are answered: everyone's with `--dev`, else the holders' of the keys in a file, which the first start makes if none
    /// is given.
    private func makeKnowing() throws -> FrontDoor.Knowing {
        if configuration.isDevelopment { return .everyone }
        let keys: KeyFile
        if let path = configuration.keyFile {
            keys = KeyFile(path: path)
        } else {
            let folder = configuration.dataDirectory
            guard !FileManager.default.fileExists(atPath: folder + "/registry.db") else {
                throw MartletError(
                    .failedPrecondition,
                    "\(folder) belongs to a server with a registry, whose keys are in its database: give another --data-dir, or --key-file.",
                    field: "data-dir")
            }
            try DataDirectory.make(folder)
            keys = try KeyFile.administrator(in: folder)
        }
        guard !(try keys.entries().isEmpty) else {
            throw MartletError.invalid("\(keys.path) holds no key.", field: "key-file")
        }
        return .keys(Authenticator(keys: keys, clock: SystemClock()))
    }

    private func makeRepositoryPlane(sink: any ObservationSink) -> (plane: DataPlane, runtime: String) {
        let runtime = makeRuntime()
        // Nothing is kept that an id could be traced in, so that it need be no more than one of a kind.
        let key = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        let plane = DataPlane(
            runtime: runtime, sealer: PredictionSealer(key: key), clock: SystemClock(), log: NoPredictionLog(),
            sink: sink, snapshotPath: "", configuration: dataPlaneLimits)
        return (plane, runtime.identity)
    }

    private func makeRepositoryRouter(
        _ parts: InferenceParts, knowing: FrontDoor.Knowing, meter: TrafficMeter, front: FrontCallList
    ) -> Router<MartletRequestContext> {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware {
            RequestLogMiddleware(logger: logger)
            ContentTypeOptionsMiddleware(isSecure: configuration.isSecure)
            ErrorMiddleware(logger: logger)
            BodyBudgetMiddleware(budget: parts.bodyBudget)
        }
        switch knowing {
        case .everyone: router.add(middleware: DevelopmentMiddleware())
        case .keys(let authenticator):
            router.add(
                middleware: AuthenticationMiddleware(
                    authenticator: authenticator, keys: NoSessions(), sessions: SessionSigner(), clock: SystemClock(),
                    isMetricsOpen: configuration.isMetricsOpen, isBehindProxy: configuration.isBehindProxy))
        }
        router.add(middleware: RegistrylessMiddleware())
        HealthRoutes.add(to: router)
        OpenInferenceRoutes.add(to: router, inference: parts, front: front)
        RepositoryServerRoutes.add(to: router, parts: parts, meter: meter, isMetricsOpen: configuration.isMetricsOpen)
        return router
    }

    /// Tells a person where everything is.
    private func announceRepository(url: String, grpcPort: Int?, folder: String, runtime: String) {
        let authentication =
            if configuration.isDevelopment {
                "off (--dev): everyone on this machine may do everything"
            } else if let keyFile = configuration.keyFile {
                "on; the keys are in \(keyFile)"
            } else {
                "on; the administrator's key is in \(configuration.dataDirectory)/admin-key"
            }
        let poll = configuration.repositoryPollSeconds
        print(
            """
            martlet: listening on \(url)
              gRPC            \(grpcPort.map { "\(configuration.host):\($0)" } ?? "off")
              models          \(folder)\(configuration.modelName.map { " as \($0)" } ?? "")\(poll > 0 ? ", looked at every \(poll) s" : "")
              registry        none (--model-repository)
              runtime         \(runtime)
              authentication  \(authentication)
            """)
        // Standard output may be a file or a pipe, which would hold the lines back.
        fflush(nil)
    }
}

/// Without a database there is nowhere to keep predictions; no endpoint of a repository asks for it.
struct NoPredictionLog: PredictionLog {
    func append(_ record: PredictionRecord) async throws {}
    func offer(_ record: PredictionRecord) -> Bool { false }
    func record(_ id: PredictionID) async throws -> PredictionRecord? { nil }
}
