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

    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }
}
