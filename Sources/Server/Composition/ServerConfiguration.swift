public import Domain

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
    /// PEM files of the certificate chain and its key; both or neither.
    public var tlsCertificate: String?
    public var tlsKey: String?
    /// A proxy in front ends TLS, so that plain HTTP on another address than loopback is meant.
    public var isBehindProxy = false

    /// Whether clients reach it by HTTPS.
    var isSecure: Bool { tlsCertificate != nil || isBehindProxy }

    /// Whether others' code (model conversion, retraining commands) runs, in confined child processes.
    public var guestsEnabled = false
    /// The user id of guests when the server is root; nil gives each one of its own.
    public var guestUserID: UInt32?
    /// The Python of model conversion.
    public var python = "python3"

    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }

    /// - Throws: `invalidArgument` for settings that do not go together.
    public func validate() throws(MartletError) {
        guard (0...65_535).contains(port) else { throw .invalid("A port is 0 to 65535.", field: "port") }
        let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw .invalid("--tls-certificate and --tls-key go together.", field: "tls-certificate")
        }
        guard isLoopback || !isDevelopment else {
            throw .invalid("--dev has no authentication and serves loopback only; \(host) is not.", field: "host")
        }
        guard isLoopback || isSecure else {
            throw .invalid(
                "\(host) is reached from other machines, and API keys must not travel in the clear: give --tls-certificate and --tls-key, or --behind-proxy if a proxy in front ends TLS.",
                field: "host")
        }
        guard role == .all else {
            throw .init(.unimplemented, "Only --role all is there yet.", field: "role")
        }
    }
}
