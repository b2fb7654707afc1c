public import Domain
public import Logging
public import ServiceLifecycle

/// Makes every registered version servable, or says why it cannot be: finds or makes its ONNX file, tries it in a confined
/// child, and records one golden request with its answer.
///
/// Durable: what is not prepared when the server stops is taken up at the next start.
public final class VersionPreparer: Service, VersionCreatedListener {
    /// The start of the reason where others' code is off; such versions are tried again once it is on.
    static let guestsOff = "Conversion from scikit-learn is off"
    /// The same of versions that need a Python worker.
    static let workersOff = "Serving by a Python worker is off"
    /// Rows to compare on come from a file of the run with this name.
    static let referenceName = "reference.csv"
    static let referenceBytesMax = 64 << 20
    static let mlmodelBytesMax = 1 << 20
    /// Of why a version was not converted, where it is served all the same.
    static let reasonCharactersMax = 200
    /// How soon after a failure of the database, say, it is tried again.
    static let retryInterval = Duration.seconds(2)

    let registry: any RegistryReading
    let artifacts: any ArtifactReading
    let store: any VersionPreparationStore & PreparedVersionReading
    let converter: any ModelConverting
    let convertsOthersCode: Bool
    let trial: any ModelTrying
    let pyfuncTrial: any PyfuncTrying
    let keeper: any ServableModelKeeping
    let listener: any VersionPreparedListener
    /// Throws for a version that is not signed as its policy demands.
    public let requireSignature: @Sendable (ModelVersionID) async throws -> Void
    let parseFlavors: @Sendable ([UInt8]) throws -> ModelFlavors
    let clock: any WallClock
    let logger: Logger
    private let news: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - convertsOthersCode: whether the configuration allows the conversion, and Python workers.
    ///   - requireSignature: throws for a version that is not signed as its policy demands.
    ///   - parseFlavors: reads an `MLmodel` file.
    public init(
        registry: any RegistryReading, artifacts: any ArtifactReading,
        store: any VersionPreparationStore & PreparedVersionReading, converter: any ModelConverting,
        convertsOthersCode: Bool, trial: any ModelTrying, pyfuncTrial: any PyfuncTrying,
        keeper: any ServableModelKeeping,
        listener: any VersionPreparedListener,
        requireSignature: @escaping @Sendable (ModelVersionID) async throws -> Void,
        parseFlavors: @escaping @Sendable ([UInt8]) throws -> ModelFlavors,
        clock: any WallClock, logger: Logger
    ) {
        self.registry = registry
        self.artifacts = artifacts
        self.store = store
        self.converter = converter
        self.convertsOthersCode = convertsOthersCode
        self.trial = trial
        self.pyfuncTrial = pyfuncTrial
        self.keeper = keeper
        self.listener = listener
        self.requireSignature = requireSignature
        self.parseFlavors = parseFlavors
        self.clock = clock
        self.logger = logger
        // One waiting ring is enough: each look takes all that is there.
        (news, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public func versionCreated(_ id: ModelVersionID) { ring.yield() }

    /// Takes up again a version that could not be prepared, for example for want of a signature.
    public func prepareAgain(_ id: ModelVersionID) async throws {
        guard var preparation = try await store.preparation(id), preparation.state == .unservable else { return }
        preparation.state = .pending
        try await store.save(preparation)
        ring.yield()
    }

    public func run() async throws {
        ring.yield()
        await cancelWhenGracefulShutdown {
            // The database may be away, at the start too: nothing that waits is lost meanwhile.
            repeat {
                do {
                    try await self.reconsider()
                    for await _ in self.news { try await self.prepareAll() }
                    return
                } catch is CancellationError {
                    return
                } catch {
                    self.logger.error("preparing versions is held up", metadata: ["reason": "\(error)"])
                    self.ring.yield()
                }
                // Sleeping throws only when the task is cancelled: then there is nothing more to prepare.
            } while (try? await Task.sleep(for: Self.retryInterval)) != nil
        }
    }

    /// Prepares all versions that wait, oldest first. Those that fail for a passing reason stay waiting until the next ring.
    public func prepareAll() async throws {
        for id in try await store.unprepared() {
            try Task.checkCancellation()
            do {
                try await prepare(id)
            } catch let error as CancellationError {
                throw error
            } catch {
                logger.error("a version could not be prepared", metadata: ["version": "\(id)", "reason": "\(error)"])
            }
        }
    }

    /// Prepares one version and saves what came of it.
    ///
    /// - Throws: where the reason lies with the server and may pass.
    public func prepare(_ id: ModelVersionID) async throws {
        let preparation: VersionPreparation
        do {
            preparation = try await prepared(id)
        } catch let error as MartletError {
            switch error.code {
            case .internal, .unavailable, .resourceExhausted, .deadlineExceeded:
                try await store.save(
                    VersionPreparation(id: id, state: .pending, detail: error.message, preparedAt: clock.now()))
                throw error
            default:
                preparation = VersionPreparation(
                    id: id, state: .unservable, detail: error.message, preparedAt: clock.now())
            }
        }
        try await store.save(preparation)
        logger.info(
            "version prepared",
            metadata: ["version": "\(id)", "state": "\(preparation.state.rawValue)", "detail": "\(preparation.detail)"])
        try await listener.versionPrepared(preparation)
    }

    /// Once others' code may run, what was refused for its being off waits again.
    private func reconsider() async throws {
        guard convertsOthersCode else { return }
        for var preparation in try await store.unservable()
        where [Self.guestsOff, Self.workersOff].contains(where: preparation.detail.hasPrefix) {
            preparation.state = .pending
            try await store.save(preparation)
        }
    }

    private func prepared(_ id: ModelVersionID) async throws -> VersionPreparation {
        let record = try await registry.versionRecord(id)
        guard !record.files.isEmpty else {
            throw MartletError.invalid("Martlet does not keep its files: its source is \(record.source).")
        }
        // Before anything in it is opened.
        try await requireSignature(id)
        guard record.files.contains(where: { $0.path == "MLmodel" }) else {
            throw MartletError.invalid("It has no MLmodel file, so it was not logged with one of MLflow's flavours.")
        }
        let flavors = try parseFlavors(try await artifacts.read("MLmodel", of: id, bytesMax: Self.mlmodelBytesMax))
        let asked = try askedRuntime(record)
        if asked == .python { return try await pyfunc(record, flavors, because: "as its tag asks") }
        if let path = flavors.onnxPath { return try await onnx(record, path: path, flavors) }
        if flavors.isSklearn {
            do { return try await sklearn(record) } catch let error as MartletError
                where error.code == .invalidArgument && asked == nil && flavors.isPyfunc
            {
                return try await pyfunc(
                    record, flavors,
                    because: "since it was not converted: \(error.message.prefix(Self.reasonCharactersMax))")
            }
        }
        guard asked == nil, flavors.isPyfunc else {
            throw MartletError.invalid(
                "Its flavours (\(flavors.names.joined(separator: ", "))) cannot be served\(asked == nil ? "" : " by ONNX Runtime"): log it with mlflow.onnx, mlflow.sklearn or mlflow.pyfunc."
            )
        }
        return try await pyfunc(record, flavors, because: "as its flavours are no ONNX and no scikit-learn")
    }

    /// A model logged as ONNX is served as it is.
    private func onnx(_ record: VersionRecord, path: String, _ flavors: ModelFlavors) async throws -> VersionPreparation
    {
        guard let file = record.files.first(where: { $0.path == path }) else {
            throw MartletError.invalid("Its MLmodel file names \(path), which is not there.")
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let data = record.files.filter { $0.path.hasPrefix(folder) && $0.path.hasSuffix(".data") }
        var (local, digest) = (try await artifacts.localPath(path, of: record.id), file.digest)
        if !data.isEmpty {
            // External data is found by name beside the model, which a store by content does not give.
            var files = [(name: String(path.dropFirst(folder.count)), localPath: local, digest: digest)]
            for entry in data {
                let place = try await artifacts.localPath(entry.path, of: record.id)
                files.append((String(entry.path.dropFirst(folder.count)), place, entry.digest))
            }
            (local, digest) = try await keeper.keep(files: files)
        }
        let report = try await trial.tryModel(at: local, request: nil)
        let layout = try Self.layout(flavors, report)
        let servable = ServableVersion(
            id: record.id, path: local, digest: digest, columns: layout.columns,
            predictionOutput: layout.predictionOutput, scoreOutput: layout.scoreOutput, classes: layout.classes)
        return result(servable, report, parity: nil, detail: "ONNX as logged; tried in a child process.")
    }

    /// As it was written down, else told by names, types and shapes.
    private static func layout(_ flavors: ModelFlavors, _ report: TrialReport) throws -> ServableLayout {
        if let layout = flavors.layout {
            try layout.check(inputs: report.inputs, outputs: report.outputs)
            return layout
        }
        let prediction = try PredictionLayout(outputs: report.outputs)
        return ServableLayout(
            columns: PreparationColumns.columns(signature: flavors.columns, inputs: report.inputs),
            predictionOutput: prediction.predictionOutput, scoreOutput: prediction.scoreOutput, classes: [])
    }

    /// A scikit-learn model is converted, where others' code may run.
    private func sklearn(_ record: VersionRecord) async throws -> VersionPreparation {
        guard convertsOthersCode else {
            throw MartletError.precondition(
                "\(Self.guestsOff), because it opens a pickle: start the server with --enable-guests, or log the model with mlflow.onnx."
            )
        }
        var files: [(path: String, localPath: String)] = []
        for file in record.files {
            files.append((path: file.path, localPath: try await artifacts.localPath(file.path, of: record.id)))
        }
        let converted = try await converter.convertSklearn(
            files: files, referenceRows: try await referenceRows(record))
        let (path, digest) = try await keeper.keep(converted.model)
        let report = try await trial.tryModel(at: path, request: converted.exampleRequest)
        let servable = ServableVersion(
            id: record.id, path: path, digest: digest, columns: converted.columns,
            predictionOutput: converted.predictionOutput, scoreOutput: converted.scoreOutput,
            classes: converted.classes)
        let detail =
            converted.parity.map {
                "Converted from scikit-learn (\($0.tool)); on \($0.rows) real rows \($0.labelMismatches) labels differ, largest difference \(Figures.measured($0.maxAbsoluteDifference))."
            } ?? "Converted from scikit-learn; there were no real rows to compare on."
        return result(servable, report, parity: converted.parity, detail: detail)
    }

    private func result(
        _ servable: ServableVersion, _ report: TrialReport, parity: VersionPreparation.Parity?, detail: String
    ) -> VersionPreparation {
        VersionPreparation(
            id: servable.id, state: .servable, detail: detail, servable: servable, inputs: report.inputs,
            outputs: report.outputs, parity: parity, goldenRequest: report.goldenRequest,
            goldenResponse: report.goldenResponse, runtime: report.runtime, preparedAt: clock.now())
    }

    /// The reference data that the run logged; nil without a run or such a file.
    private func referenceRows(_ record: VersionRecord) async throws -> [UInt8]? {
        guard let run = record.runID else { return nil }
        let paths = try await artifacts.list(run: run)
        guard let path = paths.first(where: { $0 == Self.referenceName || $0.hasSuffix("/" + Self.referenceName) })
        else {
            return nil
        }
        do {
            return try await artifacts.read(path, ofRun: run, bytesMax: Self.referenceBytesMax)
        } catch let error as MartletError where error.code == .payloadTooLarge {
            logger.notice("the reference rows are too many to compare on", metadata: ["version": "\(record.id)"])
            return nil
        }
    }
}
