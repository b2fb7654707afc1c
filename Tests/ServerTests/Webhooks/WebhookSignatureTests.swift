import Testing

@testable import Server

@Suite("The signature of a webhook's delivery")
struct WebhookSignatureTests {
    /// Made with Python's hmac and base64.
    @Test("is MLflow's: HMAC-SHA256 over id, time and body")
    func golden() {
        #expect(
            WebhookSignature.make(
                secret: "test-secret-key", deliveryID: "4b7c1c0e-0000-4000-8000-000000000001", timestamp: 1_767_225_600,
                payload: "{\"a\":\"\u{E9}\"}") == "v1,JtsxsVrw0N60Q1wENT6WSRhUrgSnmnzwa3+G7ypkt2I=")
    }

    @Test(
        "addresses of this machine are resolved and refused, unless they are allowed; those of clouds' metadata always")
    func addresses() async throws {
        let strict = WebhookResolver(reachesPrivate: false)
        let open = WebhookResolver(reachesPrivate: true)
        for host in ["127.0.0.1", "localhost", "::1", "10.1.2.3"] {
            await #expect(throws: (any Error).self, "\(host)") { try await strict.address(of: host) }
        }
        #expect(try await open.address(of: "127.0.0.1") == "127.0.0.1")
        for host in ["169.254.169.254", "0.0.0.0", "::ffff:169.254.169.254"] {
            await #expect(throws: (any Error).self, "\(host)") { try await open.address(of: host) }
        }
        #expect(try await strict.address(of: "8.8.8.8") == "8.8.8.8")
    }
}
