internal import CAssets
public import Domain
internal import FoundationEssentials

/// Turns scikit-learn models into ONNX with skl2onnx, in a guest.
public struct SklearnConverter: ModelConverting {
    /// Larger models are unusual, and would not load in the data plane's time.
    static let modelBytesMax = 2 << 30
    static let reportBytesMax = 16 << 20
    /// What a reason holds at most.
    static let reasonCharactersMax = 500

    let runner: any GuestRunner
    let python: String
    let limits: GuestLimits

    /// - Parameter python: an interpreter with mlflow, scikit-learn, skl2onnx and onnxruntime.
    public init(runner: any GuestRunner, python: String, limits: GuestLimits = GuestLimits()) {
        self.runner = runner
        self.python = python
        self.limits = limits
    }

    public func convertSklearn(
        files: [(path: String, localPath: String)], referenceRows: [UInt8]?
    ) async throws -> ConvertedModel {
        let asset = martlet_asset_convert_sklearn_py()
        let script = Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
        var inputs = files.map { GuestCommand.Input(path: "model/\($0.path)", content: .file($0.localPath)) }
        inputs.append(.init(path: "convert_sklearn.py", content: .bytes(script)))
        var arguments = ["convert_sklearn.py", "model"]
        if let referenceRows {
            inputs.append(.init(path: "reference.csv", content: .bytes(referenceRows)))
            arguments.append("reference.csv")
        }
        let result = try await runner.run(
            GuestCommand(
                executable: python, arguments: arguments, code: .others, environment: Self.environment, inputs: inputs,
                outputs: [
                    .init(name: "model.onnx", bytesMax: Self.modelBytesMax),
                    .init(name: "report.json", bytesMax: Self.reportBytesMax),
                ],
                readablePaths: Self.readablePaths(python: python), limits: limits))
        return try Self.converted(result)
    }

    /// One thread of arithmetic: a conversion must not starve the data plane; no telemetry; no compiled files written.
    static let environment = [
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true", "ORT_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "true",
        "GIT_PYTHON_REFRESH": "quiet",
    ]

    /// An environment's folder: the interpreter lies in its `bin`, the packages beside it.
    public static func readablePaths(python: String) -> [String] {
        let parts = python.split(separator: "/")
        guard python.hasPrefix("/"), parts.count > 2 else { return [] }
        return ["/" + parts.dropLast(2).joined(separator: "/")]
    }

    private static func converted(_ result: GuestResult) throws -> ConvertedModel {
        guard let bytes = result.outputs["report.json"] else {
            let words = result.standardError.suffix(reasonCharactersMax)
            throw MartletError.invalid("The conversion \(result.ending). \(words)".trimmed)
        }
        let report: Report
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            report = try decoder.decode(Report.self, from: Data(bytes))
        } catch {
            throw MartletError(.invalidArgument, "The conversion's report cannot be read.", cause: error)
        }
        if let reason = report.error { throw MartletError.invalid(String(reason.prefix(reasonCharactersMax))) }
        guard result.isSuccess, let model = result.outputs["model.onnx"], let output = report.predictionOutput,
            let opset = report.opset
        else { throw MartletError.invalid("The conversion \(result.ending) and left no model.") }
        if let parity = report.parity, !parity.acceptable {
            throw MartletError.invalid(
                "The converted model's answers are not the original's: of \(parity.rows) rows \(parity.labelMismatches) have another label and \(parity.rowsDiffering) another number (largest difference \(parity.maxAbsoluteDifference))."
            )
        }
        return ConvertedModel(
            model: model, columns: report.columns ?? [], classes: report.classes ?? [], predictionOutput: output,
            scoreOutput: report.scoreOutput,
            parity: report.parity.map {
                VersionPreparation.Parity(
                    rows: $0.rows, maxAbsoluteDifference: $0.maxAbsoluteDifference,
                    labelMismatches: $0.labelMismatches, tool: $0.tool)
            },
            exampleRequest: report.exampleRequest, opset: opset)
    }

    /// report.json, as convert_sklearn.py writes it.
    private struct Report: Decodable {
        struct Parity: Decodable {
            var rows: Int
            var maxAbsoluteDifference: Double
            var labelMismatches: Int
            var rowsDiffering: Int
            var acceptable: Bool
            var tool: String
        }
        var error: String?
        var columns: [FeatureColumn]?
        var classes: [String]?
        var predictionOutput: String?
        var scoreOutput: String?
        var opset: Int?
        var parity: Parity?
        var exampleRequest: String?
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
