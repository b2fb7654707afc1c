internal import AsyncHTTPClient
internal import Domain
internal import NIOCore
internal import NIOHTTP1
internal import Wire

/// Posts events to the configured URL, with the API key as a bearer token (as OpenLineage's own clients do).
struct HTTPOpenLineageSender: OpenLineageSending {
    /// Of an answer; only its status counts, and its beginning where it refuses.
    static let answerBytesMax = 64 << 10
    static let reasonCharactersMax = 200

    let client: HTTPClient
    let url: String
    let apiKey: String?

    func send(_ event: JSONValue, deadline: Duration) async -> OpenLineageOutcome {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "martlet")
        if let apiKey { request.headers.add(name: "authorization", value: "Bearer \(apiKey)") }
        request.body = .bytes(ByteBuffer(bytes: JSONPrinter.print(event)))
        do {
            let response = try await client.execute(request, timeout: TimeAmount(deadline))
            let status = Int(response.status.code)
            // An answer that is too long or breaks off costs only the connection.
            let body = try? await response.body.collect(upTo: Self.answerBytesMax)
            if (200..<300).contains(status) { return .taken }
            let words = body.map { String(buffer: $0).prefix(Self.reasonCharactersMax) } ?? ""
            let reason = "The endpoint answered with status \(status). \(words)"
            // A wrong key, a busy or a broken endpoint can be mended; another refusal is about the event.
            let isForNow = status >= 500 || [401, 403, 404, 408, 425, 429].contains(status)
            return isForNow ? .failed(reason) : .refused(reason)
        } catch {
            return .failed("The endpoint cannot be reached: \(error)")
        }
    }
}
