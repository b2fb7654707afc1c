public import Domain

extension RuntimeChoice {
    /// - Parameter threads: how many threads one run may use.
    /// - Throws: `unavailable` if a library is not there or cannot be used.
    public func make(threads: Int = 1) throws(MartletError) -> any Runtime {
        switch self {
        case .onnxRuntime: try OnnxRuntime(threads: threads)
        case .openVino: PreferredRuntime(try OpenVinoRuntime(threads: threads), else: try OnnxRuntime(threads: threads))
        }
    }
}
