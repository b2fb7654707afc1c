internal import AsyncHTTPClient
internal import Domain
internal import Monitoring
internal import NIOCore
internal import NIOHTTP1

/// Sends webhooks with the server's HTTP client.
struct HTTPWebhookPoster: WebhookPosting {
    /// Of an answer; only its status counts.
    static let answerBytesMax = 64 << 10

    let client: HTTPClient

    func post(_ json: [UInt8], to url: String, deadline: Duration) async throws -> Int {
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw MartletError.invalid("A webhook must begin with http:// or https://.")
        }
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "martlet")
        request.body = .bytes(ByteBuffer(bytes: json))
        let response = try await client.execute(request, timeout: TimeAmount(deadline))
        // Read to its end so that the connection can serve the next one; too long an answer costs only the connection.
        _ = try? await response.body.collect(upTo: Self.answerBytesMax)
        return Int(response.status.code)
    }
}
