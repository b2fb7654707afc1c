import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Server

@Suite("Whose address wrong keys are counted by")
struct ClientAddressTests {
    private func address(_ forwarded: String?, isBehindProxy: Bool) async throws -> String {
        let router = Router(context: MartletRequestContext.self)
        router.get("/") { request, context in
            ClientAddress.of(request, context, isBehindProxy: isBehindProxy) ?? "none"
        }
        var headers = HTTPFields()
        if let forwarded, let name = HTTPField.Name("X-Forwarded-For") { headers[name] = forwarded }
        let sent = headers
        return try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/", method: .get, headers: sent) { String(buffer: $0.body) }
        }
    }

    @Test("behind a proxy it is the last address, which the proxy has appended; else the header is a mere claim")
    func forwarded() async throws {
        #expect(try await address("1.1.1.1, 2.2.2.2", isBehindProxy: true) == "2.2.2.2")
        #expect(try await address("1.1.1.1", isBehindProxy: true) == "1.1.1.1")
        #expect(try await address("1.1.1.1", isBehindProxy: false) != "1.1.1.1")
    }
}
