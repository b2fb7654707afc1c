/// What the server's configuration says about guests.
public struct GuestConfiguration: Sendable, Hashable {
    /// Whether others' code (converters, retraining commands) may run at all. Off by default.
    public var runsOthersCode = false
    /// The user id of guests when the server is root; nil gives each guest one of its own from 61184…65519.
    public var userID: UInt32?
    /// Where guests get their private working folders; must be writable by the server and reachable by other users.
    public var workFolder = "/tmp"
    /// Files and folders that no guest may see: the server's data directory above all. Paths that a guest needs are seen in them all the same.
    public var hiddenPaths: [String] = []
    /// The Python of conversion and of workers; it needs mlflow-skinny or mlflow, for conversion scikit-learn, skl2onnx and onnxruntime, and
    /// for workers what their models import.
    public var python = "python3"
    /// Guests at a time; more are refused.
    public var guestsMax = 8
    /// Python workers at a time.
    public var workersMax = 4
    /// Resident memory of all processes of one worker together, and address space of each, in bytes.
    public var workerMemoryBytesMax = 4 << 30

    public init() {}
}
