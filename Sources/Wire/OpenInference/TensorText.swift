/// How tensors are written as JSON.
public enum TensorText: Sendable {
    /// As the protocol has it, strictly.
    case protocolForm
    /// As Martlet keeps and shows examples and recorded predictions: FP16 and BF16 are numbers, infinities the strings `Infinity` and
    /// `-Infinity`, and bytes that are not UTF-8 are replaced.
    case record
}
