public import Domain
internal import Foundation
public import Inference
public import Logging

/// Serves MLflow models by their `python_function`, each in a confined worker process of its own.
public final class PythonRuntime: Runtime {
    /// Each model names what computes it; this stands where none does.
    public let identity = "Python workers"

    private let launcher: Result<WorkerLauncher, MartletError>
    private let pool: WorkerPool
    private let runSecondsMax: Double
    private let logger: Logger

    /// - Parameter runSecondsMax: after which a run ends that nobody has stopped.
    public convenience init(guests: ConfinedGuestRunner, runSecondsMax: Double, logger: Logger) async {
        let launcher: Result<WorkerLauncher, MartletError>
        do throws(MartletError) {
            let confinement = try await guests.confinementForOthersCode()
            GuestFolder.removeAbandoned(in: guests.configuration.workFolder)
            launcher = .success(
                WorkerLauncher(confinement: confinement, configuration: guests.configuration, userIDs: guests.userIDs))
        } catch {
            launcher = .failure(error)
        }
        self.init(launcher, workersMax: guests.configuration.workersMax, runSecondsMax: runSecondsMax, logger: logger)
    }

    init(
        _ launcher: Result<WorkerLauncher, MartletError>, workersMax: Int, runSecondsMax: Double, logger: Logger
    ) {
        self.launcher = launcher
        pool = WorkerPool(workersMax: workersMax)
        self.runSecondsMax = runSecondsMax
        self.logger = logger
    }

    static func identity(_ hello: WorkerMessage.Hello) -> String { "\(hello.runtime), \(Processor.identity)" }

    public func load(path: String) throws(MartletError) -> any ExecutableModel {
        let launcher = try launcherOrReason()
        let model = PythonModel(
            try PyfuncDocument.read(path),
            folder: String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/model",
            launcher: launcher, pool: pool, runSecondsMax: runSecondsMax, logger: logger)
        try model.begin()
        return model
    }

    /// Ends all workers, for the end of the server.
    public func close() { pool.close() }

    private func launcherOrReason() throws(MartletError) -> WorkerLauncher {
        do throws(MartletError) { return try launcher.get() } catch {
            throw MartletError(.failedPrecondition, "It needs a Python worker. \(error.message)", cause: error)
        }
    }
}

extension PythonRuntime: PyfuncTrying {
    public func tryPyfunc(_ files: [(file: VersionFile, localPath: String)]) async throws -> PyfuncTrial {
        let launcher = try launcherOrReason()
        return try await withCheckedThrowingContinuation { continuation in
            // Starting a worker blocks.
            Thread.detachNewThread { continuation.resume(with: Result { try Self.trial(launcher, files) }) }
        }
    }

    private static func trial(
        _ launcher: WorkerLauncher, _ files: [(file: VersionFile, localPath: String)]
    ) throws(MartletError) -> PyfuncTrial {
        let (worker, hello) = try launcher.start(files)
        worker.end()
        let runtime = identity(hello)
        let document = PyfuncDocument(
            files: files.map(\.file), inputs: hello.inputs, outputs: hello.outputs, runtime: runtime)
        return PyfuncTrial(
            document: try document.encoded(), inputs: hello.inputs, outputs: hello.outputs,
            goldenRequest: hello.goldenRequest, goldenResponse: hello.goldenResponse, runtime: runtime)
    }
}
