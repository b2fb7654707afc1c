internal import Domain
internal import Inference
internal import Logging
internal import Serving
internal import Storage

extension Bootstrap {
    /// The runtime if it is there; else what says in every answer that it is not.
    func makeRuntime() -> any Runtime {
        do {
            let runtime = try configuration.runtime.make(threads: configuration.modelThreads)
            logger.info("runtime found", metadata: ["runtime": "\(runtime.identity)"])
            guard configuration.modelMebibytesMax > 0 else { return runtime }
            return BoundedRuntime(
                runtime, bytesMax: Int64(configuration.modelMebibytesMax) << 20,
                giveBack: ProcessMemory.giveBack)
        } catch {
            logger.warning("no predictions can be answered", metadata: ["reason": "\(error.message)"])
            return MissingRuntime(reason: error)
        }
    }

    var dataPlaneLimits: DataPlaneConfiguration {
        var limits = DataPlaneConfiguration()
        limits.runSecondsMax = Double(configuration.predictionSeconds)
        limits.answerCacheBytesMax = configuration.answerMebibytesMax << 20
        return limits
    }

    /// - Throws: what reading or making the key of prediction ids throws.
    func makeDataPlane(
        clock: any WallClock, log: any PredictionLog, sink: any ObservationSink, python: any Runtime
    ) throws -> (plane: DataPlane, ids: PredictionSealer, runtime: String) {
        let key = try PredictionKeyFile.readOrMake(folder: configuration.dataDirectory + "/keys")
        let sealer = PredictionSealer(key: key)
        let runtime = makeRuntime()
        let plane = DataPlane(
            runtime: runtime, python: python, sealer: sealer, clock: clock, log: log, sink: sink,
            snapshotPath: configuration.dataDirectory + "/snapshot.json", configuration: dataPlaneLimits)
        return (plane, sealer, runtime.identity)
    }
}
