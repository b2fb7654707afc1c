internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Server

/// `martlet serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server.")

    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 takes a free one.") var port = 8080
    @Option(help: "Folder of databases, artifacts and keys.") var dataDir: String?
    @Flag(help: "No authentication; loopback only.") var dev = false
    @Flag(help: "Run others' code (model conversion, retraining commands) in confined child processes.")
    var enableGuests = false
    @Option(help: "Python for model conversion, with mlflow, scikit-learn, skl2onnx and onnxruntime.")
    var python: String?

    @Option(help: "PEM file with the certificate chain; with --tls-key serves HTTPS.") var tlsCertificate: String?
    @Option(help: "PEM file with the certificate's private key.") var tlsKey: String?
    @Flag(help: "A proxy in front ends TLS: allow plain HTTP on an address other than loopback.") var behindProxy =
        false
    @Option(help: "Which plane to serve: all.") var role = "all"

    func run() async throws {
        var configuration = ServerConfiguration(dataDirectory: dataDir ?? Self.defaultDataDirectory())
        configuration.host = host
        configuration.port = port
        configuration.isDevelopment = dev
        configuration.tlsCertificate = tlsCertificate
        configuration.tlsKey = tlsKey
        configuration.isBehindProxy = behindProxy
        guard let plane = ServerConfiguration.Role(rawValue: role) else {
            throw ValidationError("--role is all, control or inference.")
        }
        configuration.role = plane
        configuration.guestsEnabled = enableGuests
        if let python { configuration.python = python.contains("/") ? URL(filePath: python).path : python }
        let logger = Logger(label: "martlet", factory: { StreamLogHandler.standardError(label: $0) })
        try await Bootstrap(configuration: configuration, logger: logger).run()
    }

    static func defaultDataDirectory() -> String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_DATA_HOME"] ?? (environment["HOME"] ?? "/var/lib") + "/.local/share"
        return base + "/martlet"
    }
}
