/// What computes a version's answers.
public enum ServingRuntime: String, Sendable, Hashable, Codable, CaseIterable {
    /// ONNX Runtime, in the server's own process.
    case onnx
    /// MLflow's `python_function`, in a worker process of its own.
    case python

    /// As the Open Inference Protocol names it in a model's metadata.
    public var platform: String {
        switch self {
        case .onnx: "onnx_onnxv1"
        case .python: "mlflow_pyfunc"
        }
    }
}
