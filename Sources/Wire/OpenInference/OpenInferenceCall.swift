public import Domain

/// A request as the protocol has it: what is asked, and in which form the answer is wanted.
public struct OpenInferenceCall: Sendable, Hashable {
    public var request: InferenceRequest
    public var forms: OutputForms

    public init(request: InferenceRequest, forms: OutputForms = OutputForms()) {
        self.request = request
        self.forms = forms
    }
}

/// Which outputs are wanted as raw bytes rather than JSON. What is said of one output comes before what is said of all.
public struct OutputForms: Sendable, Hashable {
    /// `binary_data_output` of the request.
    public var isBinary: Bool
    /// `binary_data` of outputs that have it.
    public var isBinaryByOutput: [String: Bool]

    public init(isBinary: Bool = false, isBinaryByOutput: [String: Bool] = [:]) {
        self.isBinary = isBinary
        self.isBinaryByOutput = isBinaryByOutput
    }

    func isBinary(_ output: String) -> Bool {
        isBinaryByOutput.isEmpty ? isBinary : isBinaryByOutput[output] ?? isBinary
    }
}
