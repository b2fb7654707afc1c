/// All that `martlet serve` can be told, as plain values. Reading them from flags, environment and file is a sibling file's work.
public struct ServerConfiguration: Sendable {
    public enum Role: String, Sendable, CaseIterable { case all, control, inference }

    public var host = "127.0.0.1"
    /// 0 takes a free port.
    public var port = 8080
    public var dataDirectory: String
    public var role = Role.all
    /// No authentication; loopback only.
    public var isDevelopment = false

    /// Whether others' code (model conversion, retraining commands) runs, in confined child processes.
    public var guestsEnabled = false
    /// The user id of guests when the server is root; nil gives each one of its own.
    public var guestUserID: UInt32?
    /// The Python of model conversion.
    public var python = "python3"

    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }
}
