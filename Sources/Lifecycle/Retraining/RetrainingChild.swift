public import Domain

/// Runs one retraining command as a guest, and says what came of it.
public struct RetrainingChild: Sendable {
    /// The name of the new data set in the command's working folder.
    static let datasetName = "dataset.csv"

    private let runner: any GuestRunner
    private let keys: any NarrowKeyIssuing
    private let data: any RetrainingDataSource
    private let registry: any RegistryReading
    private let serverURL: @Sendable () -> String?
    private let readablePaths: [String]

    /// - Parameters:
    ///   - serverURL: where the command reaches this server; nil before it listens.
    ///   - readablePaths: what commands may read even below folders that are closed to other users.
    public init(
        runner: any GuestRunner, keys: any NarrowKeyIssuing, data: any RetrainingDataSource,
        registry: any RegistryReading, serverURL: @escaping @Sendable () -> String?, readablePaths: [String]
    ) {
        self.runner = runner
        self.keys = keys
        self.data = data
        self.registry = registry
        self.serverURL = serverURL
        self.readablePaths = readablePaths
    }

    /// - Throws: `failedPrecondition` where guests are off, saying how to turn them on.
    func requireGuests() throws(MartletError) {
        guard runner.runsOthersCode else {
            throw .precondition(
                "Running others' code is off on this server; `martlet serve --enable-guests` turns it on.")
        }
    }

    /// Never throws: what went wrong is the end of the run's log.
    func run(_ begun: RetrainingRun, _ rule: RetrainingRule) async -> RetrainingRun {
        var run = begun
        do {
            try await execute(&run, rule)
        } catch is CancellationError {
            run.state = .interrupted
        } catch {
            run.state = Task.isCancelled ? .interrupted : .failed
            run.logTail += (error as? MartletError)?.message ?? "\(error)"
        }
        return run
    }

    private func execute(_ run: inout RetrainingRun, _ rule: RetrainingRule) async throws {
        try requireGuests()
        guard let url = serverURL() else { throw MartletError(.unavailable, "The server does not listen yet.") }
        guard let program = rule.command.first else { throw MartletError.invalid("The policy names no program.") }
        let dataset = try await data.dataset(model: run.model)
        run.datasetDigest = dataset.digest
        run.datasetRows = dataset.rows
        let key = try await keys.issueNarrowKey(
            model: run.model, purpose: "retraining run \(run.id)",
            validSeconds: min(
                Int(rule.timeoutSeconds.rounded(.up)) + RetrainingService.keySpareSeconds, NarrowKey.validSecondsMax),
            actor: .system)
        let command = command(run, rule, program, dataset, url: url, secret: key.text)
        let outcome: Result<GuestResult, any Error>
        do { outcome = .success(try await runner.run(command)) } catch { outcome = .failure(error) }
        // The key ends with the command, whatever came of it; unrevoked it would end by itself soon.
        do { try await keys.revokeNarrowKey(id: key.key.id, actor: .system) } catch {
            run.logTail += "The run's key could not be revoked; it ends by itself. \(error)\n"
        }
        let result = try outcome.get()
        run.versions = try await registered(by: run)
        run.logTail += Self.log(result, hiding: key.text)
        if case .exited(let code) = result.ending { run.exitCode = code }
        run.state = Task.isCancelled ? .interrupted : result.isSuccess ? .succeeded : .failed
    }

    private func command(
        _ run: RetrainingRun, _ rule: RetrainingRule, _ program: String, _ dataset: RetrainingDataset, url: String,
        secret: String
    ) -> GuestCommand {
        GuestCommand(
            executable: program, arguments: Array(rule.command.dropFirst()), code: .others,
            environment: [
                "MLFLOW_TRACKING_URI": url, "MLFLOW_TRACKING_TOKEN": secret, "MARTLET_URL": url, "MARTLET_KEY": secret,
                "MARTLET_MODEL": run.model, "MARTLET_TRIGGER": run.trigger.rawValue, "MARTLET_REASON": run.reason,
                "MARTLET_RUN": "\(run.id)", "MARTLET_DATASET": Self.datasetName,
                "MARTLET_DATASET_ROWS": "\(dataset.rows)", "MARTLET_DATASET_DIGEST": dataset.digest,
                "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONDONTWRITEBYTECODE": "1", "GIT_PYTHON_REFRESH": "quiet",
            ],
            inputs: [.init(path: Self.datasetName, content: .bytes(dataset.csv))], readablePaths: readablePaths,
            mayUseNetwork: true,
            limits: GuestLimits(
                memoryBytesMax: rule.memoryBytesMax, wallSeconds: rule.timeoutSeconds,
                // Training uses several processors at a time.
                cpuSeconds: Int(rule.timeoutSeconds.rounded(.up)) * 64))
    }

    /// Versions made with the run's narrow key. With `--dev` there are no keys, and everybody is the developer.
    private func registered(by run: RetrainingRun) async throws -> [Int] {
        try await registry.versionRecords(model: run.model).filter {
            $0.createdAt >= run.startedAt && [Principal.retraining.id, Principal.developer.id].contains($0.createdBy)
        }.map(\.id.version).sorted()
    }

    private static func log(_ result: GuestResult, hiding secret: String) -> String {
        let text = [
            result.standardOutput, result.standardError, "The command \(result.ending), \(result.confinement).",
        ].filter { !$0.isEmpty }.joined(separator: "\n")
        return text.replacing(secret, with: "•••")
    }
}
