internal import ArgumentParser
internal import Domain
internal import Foundation

/// How a command reaches the server. Shared by every command that is a client.
struct ClientOptions: ParsableArguments {
    @Option(
        help:
            "Server to talk to (default: MARTLET_URL, then what `martlet login` stored, then the server on this machine)."
    )
    var url: String?

    @Option(
        help:
            "API key. Other users of this machine can see it while the command runs: prefer MARTLET_KEY or `martlet login`."
    )
    var key: String?

    @Option(help: "PEM file of the authority that signed the server's certificate (or MARTLET_CA_CERTIFICATE).")
    var caCertificate: String?

    @Option(help: "Seconds until a request is given up.")
    var timeout: Double = 60

    mutating func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be more than 0 and at most 86400 seconds.")
        }
    }

    /// Opens a client, hands it to `body` and closes it again.
    func withClient<Result>(_ body: (APIClient) async throws -> Result) async throws -> Result {
        let target = try ClientTarget.resolve(url: url, key: key, environment: ProcessInfo.processInfo.environment)
        let caFile = caCertificate ?? ProcessInfo.processInfo.environment["MARTLET_CA_CERTIFICATE"]
        let client = try APIClient(target: target, caCertificateFile: caFile, timeoutSeconds: timeout)
        do {
            let result = try await body(client)
            try await client.close()
            return result
        } catch {
            // The failure that matters is the command's own.
            try? await client.close()
            throw error
        }
    }
}
