internal import Domain

/// Versions that a Python worker serves.
extension VersionPreparer {
    /// The version's tag that says what is to serve it: `onnx` or `python`.
    static let runtimeTag = "martlet.runtime"

    /// What the version's tag says is to serve it; nil leaves the choice to what it is.
    ///
    /// - Throws: `invalidArgument` for another text.
    func askedRuntime(_ record: VersionRecord) throws(MartletError) -> ServingRuntime? {
        guard let text = record.tags[Self.runtimeTag], !text.isEmpty else { return nil }
        guard let runtime = ServingRuntime(rawValue: text) else {
            throw MartletError.invalid("Its tag \(Self.runtimeTag) is “\(text.prefix(50))”; it is onnx or python.")
        }
        return runtime
    }

    /// The model is started in a worker, where others' code may run, and kept as it is.
    ///
    /// - Parameter reason: why a worker serves it.
    func pyfunc(
        _ record: VersionRecord, _ flavors: ModelFlavors, because reason: String
    ) async throws -> VersionPreparation {
        guard flavors.isPyfunc else {
            throw MartletError.invalid(
                "Its flavours (\(flavors.names.joined(separator: ", "))) have no python_function, which a Python worker needs."
            )
        }
        guard convertsOthersCode else {
            throw MartletError.precondition(
                "\(Self.workersOff), because it runs the model's own code (\(reason)): start the server with --enable-guests and --python, or log the model with mlflow.onnx."
            )
        }
        var files: [(file: VersionFile, localPath: String)] = []
        for file in record.files {
            files.append((file: file, localPath: try await artifacts.localPath(file.path, of: record.id)))
        }
        let trial = try await pyfuncTrial.tryPyfunc(files)
        let (path, digest) = try await keeper.keep(
            document: trial.document, files: files.map { (path: $0.file.path, localPath: $0.localPath) })
        let layout = try PredictionLayout(outputs: trial.outputs)
        let servable = ServableVersion(
            id: record.id, path: path, digest: digest,
            columns: PreparationColumns.columns(signature: flavors.columns, inputs: trial.inputs),
            predictionOutput: layout.predictionOutput, scoreOutput: layout.scoreOutput, runtime: .python)
        return VersionPreparation(
            id: record.id, state: .servable, detail: "Served by a Python worker (\(trial.runtime)), \(reason)",
            servable: servable, inputs: trial.inputs, outputs: trial.outputs, goldenRequest: trial.goldenRequest,
            goldenResponse: trial.goldenResponse, runtime: trial.runtime, preparedAt: clock.now())
    }
}
