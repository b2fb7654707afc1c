/// What the server's configuration says about guests.
public struct GuestConfiguration: Sendable, Hashable {
    /// Whether others' code (converters, retraining commands) may run at all. Off by default.
    public var runsOthersCode = false
    /// The user id of guests when the server is root; nil gives each guest one of its own from 61184…65519.
    public var userID: UInt32?
    /// Where guests get their private working folders; must be writable by the server and reachable by other users.
    public var workFolder = "/tmp"
    /// Folders that no guest may see: the server's data directory above all.
    public var hiddenPaths: [String] = []
    /// The Python that conversion uses; it needs mlflow-skinny or mlflow, scikit-learn, skl2onnx and onnxruntime.
    public var python = "python3"
    /// Guests at a time; more are refused.
    public var guestsMax = 8

    public init() {}
}
