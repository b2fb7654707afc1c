internal import Dispatch
internal import Domain
internal import Inference

/// Loads one version of a repository's model: nothing of it is served before all has gone well.
struct VersionLoader: Sendable {
    /// Elements of the inputs of the first run; a model that takes more is run first by its first caller.
    static let elementsMax = 1 << 20

    let runtime: any Runtime
    let folder: RepositoryFolder
    /// What a first run may take.
    let runSecondsMax: Double

    /// - Throws: `failedPrecondition`, saying what is wrong with the files or the configuration; `unavailable` without a runtime.
    func load(
        _ files: VersionFiles, of model: ModelFolder, _ configuration: ModelConfiguration
    ) throws(MartletError) -> LoadedModel {
        let digest = try ModelTable.digest(ofAll: files.path)
        let executable = try runtime.load(path: files.path)
        // What was digested is what was loaded, or it is neither.
        guard try folder.version(files.version, of: model, fileName: configuration.fileName) == files else {
            throw .precondition("Its files changed while they were read. Load it again.")
        }
        let configured = try ConfiguredModel.of(executable, configuration)
        let layout = try PredictionLayout(outputs: configured.metadata.outputs)
        let loaded = LoadedModel(
            version: ServableVersion(
                id: ModelVersionID(model: model.model, version: files.version), path: files.path, digest: digest,
                columns: [], predictionOutput: layout.predictionOutput, scoreOutput: layout.scoreOutput),
            model: configured, runtime: runtime.identity,
            rule: model.configuration == nil && configuration == .init() ? nil : configuration.rule)
        try runOnce(loaded)
        return loaded
    }

    /// One run with ones, so that no caller waits for what a first run sets up, and a model that cannot run is not served.
    private func runOnce(_ loaded: LoadedModel) throws(MartletError) {
        guard let inputs = try Self.example(loaded.metadata.inputs) else { return }
        let stop = RunStop()
        let watch = DispatchWorkItem { stop.stop() }
        DispatchQueue.global().asyncAfter(deadline: .now() + runSecondsMax, execute: watch)
        defer { watch.cancel() }
        let outputs: [NamedTensor]
        do { outputs = try loaded.run(inputs, stop) } catch {
            // The values are ours: that the model refuses them says nothing of a caller's.
            if error.code == .invalidArgument { return }
            throw MartletError(.failedPrecondition, "Its first run failed. \(error.message)", cause: error)
        }
        for (output, spec) in zip(outputs, loaded.metadata.outputs) where output.tensor.datatype != spec.datatype {
            throw .precondition(
                "The output \"\(spec.name)\" is declared as \(spec.datatype.rawValue), and the model gives \(output.tensor.datatype.rawValue)."
            )
        }
    }

    /// One row of ones; nil where the shapes leave more open than the rows, or are too large.
    static func example(_ specs: [TensorSpec]) throws(MartletError) -> [Tensor]? {
        var inputs: [Tensor] = []
        var elements = 0
        for spec in specs {
            guard !spec.shape.dropFirst().contains(-1) else { return nil }
            let shape = spec.shape.map { $0 == -1 ? 1 : $0 }
            guard let count = Tensor.elementCount(of: shape), count <= elementsMax - elements else { return nil }
            elements += count
            inputs.append(try Tensor.ones(spec.datatype, shape: shape))
        }
        return inputs
    }
}
