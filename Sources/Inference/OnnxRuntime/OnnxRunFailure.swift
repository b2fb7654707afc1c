/// What ONNX Runtime said of a run that failed. Its text names places in its sources: for logs, not for callers.
struct OnnxRunFailure: Error, CustomStringConvertible {
    let code: Int
    let text: String

    var description: String { "ONNX Runtime, code \(code): \(text)" }

    /// Whether other values would have been computed: not where an engine or execution provider failed (5, 11), or the build
    /// lacks an operator (9).
    var isOfValues: Bool { ![5, 9, 11].contains(code) }

    /// For the caller: the node that failed, or the text where it names no file.
    var summary: String {
        if let node { return node }
        return text.contains("/") ? "ONNX Runtime cannot compute them." : "\(text)."
    }

    /// From `… while running Reshape node. Name:'shape' Status Message: …`.
    private var node: String? {
        guard let start = text.firstRange(of: "while running "), let end = text.firstRange(of: " node. Name:'"),
            start.upperBound < end.lowerBound
        else { return nil }
        let operation = text[start.upperBound..<end.lowerBound]
        let name = text[end.upperBound...].prefix { $0 != "'" }
        return name.isEmpty
            ? "a node \(operation) fails on them." : "its node \"\(name)\" (\(operation)) fails on them."
    }
}
