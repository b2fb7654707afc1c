internal import CAssets
public import Domain
internal import FoundationEssentials

/// Quantises and prunes ONNX models with ONNX Runtime's own tools, in a guest.
public struct OnnxOptimizer: ModelOptimizing {
    /// As large as a file of ONNX can be.
    static let modelBytesMax = 2 << 30
    static let reportBytesMax = 1 << 20
    /// What a reason holds at most.
    static let reasonCharactersMax = 500

    let runner: any GuestRunner
    let python: String
    let limits: GuestLimits

    /// - Parameter python: an interpreter with onnx and onnxruntime.
    public init(runner: any GuestRunner, python: String, limits: GuestLimits = GuestLimits(memoryBytesMax: 8 << 30)) {
        self.runner = runner
        self.python = python
        self.limits = limits
    }

    public func requireAllowed() throws(MartletError) {
        guard runner.runsOthersCode else {
            throw .precondition(
                "Models are optimised by ONNX Runtime's Python tools in a confined child process, and those are off on this server: start it with --enable-guests and --python."
            )
        }
    }

    public func optimize(_ task: OptimizationTask) async throws -> OptimizedModel {
        try requireAllowed()
        let model = try GuestModelTrial.modelFiles(task.servable.path)
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        var inputs =
            model + [
                Self.script("optimize_onnx.py", martlet_asset_optimize_onnx_py()),
                Self.script("prune_trees.py", martlet_asset_prune_trees_py()),
                Self.script("reference_rows.py", martlet_asset_reference_rows_py()),
                .init(path: "task.json", content: .bytes(Array(try encoder.encode(GuestTask(task))))),
            ]
        if let rows = task.referenceRows { inputs.append(.init(path: "reference.csv", content: .bytes(rows))) }
        let result = try await runner.run(
            GuestCommand(
                executable: python,
                arguments: ["optimize_onnx.py", GuestModelTrial.name(task.servable.path), "task.json"], code: .others,
                environment: SklearnConverter.environment, inputs: inputs,
                outputs: [
                    .init(name: "optimized.onnx", bytesMax: Self.modelBytesMax),
                    .init(name: "report.json", bytesMax: Self.reportBytesMax),
                ],
                readablePaths: SklearnConverter.readablePaths(python: python), limits: limits))
        return try Self.optimized(result, task)
    }

    private static func script(_ name: String, _ asset: martlet_asset) -> GuestCommand.Input {
        .init(path: name, content: .bytes(Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))))
    }

    private static func optimized(_ result: GuestResult, _ task: OptimizationTask) throws -> OptimizedModel {
        guard let bytes = result.outputs["report.json"] else {
            let words = result.standardError.suffix(reasonCharactersMax)
            throw MartletError.invalid("The optimisation \(result.ending). \(words)")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            let failure = try decoder.decode(Failure.self, from: Data(bytes))
            if let reason = failure.error { throw MartletError.invalid(String(reason.prefix(reasonCharactersMax))) }
            guard result.isSuccess, let model = result.outputs["optimized.onnx"] else {
                throw MartletError.invalid("The optimisation \(result.ending) and left no model.")
            }
            let report = try decoder.decode(Report.self, from: Data(bytes))
            return OptimizedModel(
                model: model,
                record: OptimizationRecord(
                    method: "\(task.optimization)", sourceVersion: task.servable.id.version, detail: report.detail,
                    tool: report.tool, bytesBefore: report.bytesBefore, bytesAfter: report.bytesAfter,
                    latency: report.latency, answers: report.answers, metrics: report.metrics),
                requirements: report.requirements)
        } catch let error as DecodingError {
            throw MartletError(.invalidArgument, "The optimisation's report cannot be read.", cause: error)
        }
    }

    /// report.json where there is no model.
    private struct Failure: Decodable {
        var error: String?
    }

    /// report.json, as optimize_onnx.py writes it.
    private struct Report: Decodable {
        var detail: String
        var tool: String
        var bytesBefore: Int64
        var bytesAfter: Int64
        var latency: OptimizationRecord.Latency
        var answers: OptimizationRecord.Answers
        var metrics: [OptimizationRecord.Metric]
        var requirements: [String]
    }

    /// task.json, as optimize_onnx.py reads it.
    private struct GuestTask: Encodable {
        var method: String
        var share: Double?
        var inputs: [TensorSpec]
        var columns: [FeatureColumn]
        var predictionOutput: String
        var scoreOutput: String
        var classes: [String]
        var labelNames: [String]
        var predictionNames: [String]
        var goldenRequest: String
        var hasReference: Bool

        init(_ task: OptimizationTask) {
            switch task.optimization {
            case .int8: method = "int8"
            case .fp16: method = "fp16"
            case .prune(let share):
                method = "prune"
                self.share = share
            }
            inputs = task.inputs
            columns = task.servable.columns
            predictionOutput = task.servable.predictionOutput
            scoreOutput = task.servable.scoreOutput ?? ""
            classes = task.servable.classes
            labelNames = task.labelNames + [task.servable.predictionOutput]
            predictionNames = task.predictionNames
            goldenRequest = task.goldenRequest
            hasReference = task.referenceRows != nil
        }
    }
}
