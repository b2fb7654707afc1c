internal import ArgumentParser
internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOSSL

/// How an import or export reaches the other server.
struct MLflowConnection: ParsableArguments {
    @Option(
        help:
            "Token for the other server. Other users of this machine can see it while the command runs: prefer MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
    )
    var token: String?

    @Option(help: "PEM file of the authority that signed the other server's certificate.") var otherCaCertificate:
        String?

    @Option(help: "Runs at a time: 1 to 32.") var concurrency: Int = 4

    mutating func validate() throws {
        guard (1...32).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 32.") }
    }

    /// Opens both servers, hands them to `body` and closes the connections again.
    func withServers<Result>(
        other url: String, _ client: APIClient, timeoutSeconds: Double, caCertificate: String?,
        _ body: (_ other: MLflowServer, _ ours: MLflowServer) async throws -> Result
    ) async throws -> Result {
        let environment = ProcessInfo.processInfo.environment
        let other = MLflowServer(
            url: try Self.checked(url), authorization: authorization(environment),
            http: try Self.http(otherCaCertificate), timeoutSeconds: timeoutSeconds)
        let ours = MLflowServer(
            url: client.target.url, authorization: client.target.key.map { "Bearer \($0)" },
            http: try Self.http(caCertificate ?? environment["MARTLET_CA_CERTIFICATE"]),
            timeoutSeconds: timeoutSeconds)
        do {
            let result = try await body(other, ours)
            try await other.close()
            try await ours.close()
            return result
        } catch {
            // The failure that matters is the command's own.
            try? await other.close()
            try? await ours.close()
            throw error
        }
    }

    private func authorization(_ environment: [String: String]) -> String? {
        if let token = token ?? environment["MLFLOW_TRACKING_TOKEN"], !token.isEmpty { return "Bearer \(token)" }
        guard let name = environment["MLFLOW_TRACKING_USERNAME"], !name.isEmpty else { return nil }
        let pair = "\(name):\(environment["MLFLOW_TRACKING_PASSWORD"] ?? "")"
        return "Basic \(Data(pair.utf8).base64EncodedString())"
    }

    private static func checked(_ url: String) throws -> String {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme?.lowercased()), parts.user == nil, parts.query == nil
        else {
            throw MartletError.invalid(
                "\(url) is no server address. It looks like http://mlflow.example.org:5000; a password goes into MLFLOW_TRACKING_PASSWORD."
            )
        }
        return url
    }

    private static func http(_ certificate: String?) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(APIClient.connectTimeoutSeconds)
        configuration.redirectConfiguration = .disallow
        if let certificate {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(certificate)
            configuration.tlsConfiguration = tls
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
