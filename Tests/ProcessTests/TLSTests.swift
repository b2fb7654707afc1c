import Foundation
import Testing

@Suite("TLS", .needsPython, .needsOnnxRuntime)
struct TLSTests {
    /// Starts a server by TLS and runs the script against both of its ports.
    private func check(_ mode: String, _ words: (String) -> [String]) async throws {
        let folder = try TemporaryDirectory()
        let made = try await PythonClient.run("tls_certificates.py", ["make", folder.path])
        #expect(made.isSuccess, "\(made)")
        let child = try ChildProcess(
            BuildProducts.martlet.path,
            [
                "serve", "--dev", "--port", "0", "--grpc-port", "0", "--data-dir", folder.path + "/data",
                "--tls-certificate", folder.path + "/server.pem", "--tls-key", folder.path + "/server.key",
            ] + words(folder.path))
        let deadline = ContinuousClock.now + MartletProcess.startLimit
        var (url, address): (String?, String?)
        while url == nil || address == nil, ContinuousClock.now < deadline {
            // What it prints is all that tells the ports.
            try await Task.sleep(for: .milliseconds(50))
            url = child.standardOutput.firstMatch(of: /(https:\/\/\S+:[0-9]+)/).map { String($0.1) }
            address = child.standardOutput.firstMatch(of: /gRPC +(\S+:[0-9]+)/).map { String($0.1) }
        }
        #expect(url != nil && address != nil, "\(child.standardError)")
        let result = try await PythonClient.run(
            "tls_certificates.py", [mode, folder.path], environment: ["MARTLET_URL": url, "MARTLET_GRPC": address])
        #expect(result.isSuccess, "\(result) \(child.standardError)")
        child.signal(SIGTERM)
        #expect(await child.ended() == .exited(0), "\(child.standardError)")
    }

    @Test(
        "both ports show the certificate, and a renewed one without a restart; one that cannot be used changes nothing")
    func renewed() async throws {
        try await check("renew") { _ in [] }
    }

    @Test("with an authority for clients nobody is served on either port who has no certificate of it")
    func mutual() async throws {
        try await check("mutual") { ["--tls-client-authority", $0 + "/authority.pem"] }
    }
}
