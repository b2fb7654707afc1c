/// The port through which an ONNX file is loaded and run for the first time: in a child, so that what breaks is not the server.
public protocol ModelTrying: Sendable {
    /// Loads the file and answers one request.
    ///
    /// - Parameter request: an Open Inference Protocol v2 request, JSON; nil lets the trial make one of its own.
    /// - Throws: `invalidArgument` if the model cannot be loaded or run, saying why; `unavailable` if the trial cannot start.
    func tryModel(at path: String, request: String?) async throws -> TrialReport
}
