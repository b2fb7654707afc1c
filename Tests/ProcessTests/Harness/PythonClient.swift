import Foundation
import Testing

/// Runs the scripts of Tests/ProcessTests/Python with the pinned interpreter: the real `mlflow`, `tritonclient`, scikit-learn.
///
///     @Test("…", .needsPython) func …() async throws {
///         let result = try await PythonClient.run("mlflow_logs.py", server: server)
///         #expect(result.isSuccess, "\(result)")
enum PythonClient {
    /// Runs one script to its end.
    ///
    /// The script finds `MLFLOW_TRACKING_URI`, `MARTLET_URL`, `MARTLET_GRPC` and, with a key, `MLFLOW_TRACKING_TOKEN` and `MARTLET_KEY` in its
    /// environment, and the folder of the examples' modules on its path.
    /// - Throws: if there is no interpreter.
    static func run(
        _ script: String, _ arguments: [String] = [], server: MartletProcess? = nil, key: String? = nil,
        environment: [String: String?] = [:], interpreter: String? = nil, timeout: Duration = .seconds(180)
    ) async throws -> ProgramResult {
        guard let python = interpreter ?? BuildProducts.python else {
            throw MartletProcess.Failure(description: "There is no Python environment: run script/bootstrap.")
        }
        let file = BuildProducts.repository.appending(path: "Tests/ProcessTests/Python/\(script)").path
        var merged: [String: String?] = [
            "MLFLOW_TRACKING_URI": server?.url, "MARTLET_URL": server?.url,
            "MARTLET_GRPC": server?.grpcAddress,
            "MLFLOW_TRACKING_TOKEN": key, "MARTLET_KEY": key,
            "ONNXRUNTIME_LIB": BuildProducts.onnxRuntime,
            "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet",
            // Fail at once instead of retrying for minutes: a server's fault must show.
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "60",
            "OMP_NUM_THREADS": "2", "PYTHONUNBUFFERED": "1",
        ]
        for (name, value) in environment { merged[name] = value }
        return try await ProgramResult.run(python, [file] + arguments, environment: merged, timeout: timeout)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips, saying why, where script/bootstrap has not made the Python environment.
    static var needsPython: Self {
        .enabled(if: BuildProducts.python != nil, "There is no Python environment (.venv): run script/bootstrap.")
    }

    /// Skips, saying why, where script/bootstrap has not made the environment of the older client.
    static var needsOlderMLflow: Self {
        .enabled(
            if: BuildProducts.olderMLflow != nil,
            "There is no environment with MLflow 2 (.venv-mlflow2): run script/bootstrap.")
    }

    /// Skips, saying why, where script/bootstrap has not made the environment of KServe's client.
    static var needsKServe: Self {
        .enabled(
            if: BuildProducts.kserve != nil,
            "There is no environment with KServe's client (.venv-kserve): run script/bootstrap.")
    }

    /// Skips, saying why, where there is no OpenVINO.
    static var needsOpenVino: Self {
        .enabled(if: BuildProducts.openVino != nil, "There is no OpenVINO (.venv-openvino): run script/bootstrap.")
    }

    /// Skips, saying why, where there is no ONNX Runtime.
    static var needsOnnxRuntime: Self {
        .enabled(if: BuildProducts.onnxRuntime != nil, "There is no ONNX Runtime (.runtime): run script/bootstrap.")
    }
}
