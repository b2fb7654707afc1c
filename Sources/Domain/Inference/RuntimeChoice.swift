/// What computes models, as a configuration names it.
public enum RuntimeChoice: String, Sendable, Hashable, CaseIterable {
    case onnxRuntime = "onnxruntime"
    /// OpenVINO for the models that it can load, which are networks; ONNX Runtime for the rest.
    case openVino = "openvino"
}
