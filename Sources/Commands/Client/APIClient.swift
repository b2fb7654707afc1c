internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOFoundationCompat
internal import NIOHTTP1
internal import NIOSSL

/// Talks to the native API of a Martlet server. Every failure is a `MartletError` with the server's own sentence.
struct APIClient: Sendable {
    /// Answers of the native API are pages; a larger one is a defect, or not a Martlet.
    static let responseBytesMax = 64 << 20
    /// Rows that a list command gathers at most, page by page.
    static let itemsMax = 10_000
    static let connectTimeoutSeconds: Int64 = 5

    let target: ClientTarget
    private let http: HTTPClient
    private let timeout: TimeAmount

    init(target: ClientTarget, caCertificateFile: String? = nil, timeoutSeconds: Double) throws {
        self.target = target
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(Self.connectTimeoutSeconds)
        configuration.redirectConfiguration = .disallow
        if let caCertificateFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(caCertificateFile)
            configuration.tlsConfiguration = tls
        }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        timeout = .nanoseconds(Int64(timeoutSeconds * 1e9))
    }

    func close() async throws {
        try await http.shutdown()
    }

    /// `GET /api/v1/<path>`; each part of the path is escaped.
    func get(_ path: [String], query: [(String, String?)] = []) async throws -> JSONValue {
        try await send(.GET, path, query: query)
    }

    func post(_ path: [String], _ body: JSONValue = .object([:]), headers: [(String, String)] = []) async throws
        -> JSONValue
    {
        try await send(.POST, path, body: body, headers: headers)
    }

    func put(_ path: [String], _ body: JSONValue) async throws -> JSONValue {
        try await send(.PUT, path, body: body)
    }

    func delete(_ path: [String]) async throws {
        _ = try await send(.DELETE, path)
    }

    /// All items of a list, following `next_page_token`, up to `itemsMax`.
    func items(_ path: [String], query: [(String, String?)] = [], max: Int = itemsMax) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var token: String?
        repeat {
            let page = try await get(path, query: query + [("page_token", token)])
            items += page["items"]?.arrayValue ?? []
            token = page["next_page_token"]?.stringValue
        } while token != nil && items.count < max
        return Array(items.prefix(max))
    }

    /// One request of the native API with a JSON body and a JSON answer; `.null` for an empty one.
    func send(
        _ method: HTTPMethod, _ path: [String], query: [(String, String?)] = [], body: JSONValue? = nil,
        headers: [(String, String)] = []
    ) async throws -> JSONValue {
        let content = try body.map { try JSONEncoder().encode($0) }
        let bytes = try await sendBytes(
            method, path, query: query, body: content.map { ByteBuffer(data: $0) }, contentType: "application/json",
            headers: headers)
        if bytes.readableBytes == 0 { return .null }
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(buffer: bytes))
        } catch {
            throw MartletError(
                .internal, "\(target.url) did not answer with JSON. Is it a Martlet server?", cause: error)
        }
    }

    /// One request with any body and any answer.
    func sendBytes(
        _ method: HTTPMethod, _ path: [String], query: [(String, String?)] = [], body: ByteBuffer? = nil,
        contentType: String, headers: [(String, String)] = []
    ) async throws -> ByteBuffer {
        var request = makeRequest(method, path, query: query)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "content-type", value: contentType)
            request.body = .bytes(body)
        }
        let response = try await execute(request)
        do {
            return try await response.body.collect(upTo: Self.responseBytesMax)
        } catch {
            throw MartletError(.unavailable, "The answer of \(target.url) broke off.", cause: error)
        }
    }

    /// Streams an answer to `write`, piece by piece, and tells how many bytes there were.
    @discardableResult
    func download(
        _ method: HTTPMethod = .GET, _ path: [String], query: [(String, String?)] = [], body: JSONValue? = nil,
        to write: (ByteBuffer) throws -> Void
    ) async throws -> Int {
        var request = makeRequest(method, path, query: query)
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(data: try JSONEncoder().encode(body)))
        }
        let response = try await execute(request)
        var count = 0
        for try await piece in response.body {
            count += piece.readableBytes
            try write(piece)
        }
        return count
    }

    func makeRequest(_ method: HTTPMethod, _ path: [String], query: [(String, String?)]) -> HTTPClientRequest {
        let parts = path.map(Self.escaped).joined(separator: "/")
        let pairs = query.compactMap { name, value in value.map { "\(Self.escaped(name))=\(Self.escaped($0))" } }
        let suffix = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        var request = HTTPClientRequest(url: "\(target.url)/api/v1/\(parts)\(suffix)")
        request.method = method
        request.headers.add(name: "accept", value: "application/json, application/problem+json")
        request.headers.add(name: "user-agent", value: "martlet-cli")
        if let key = target.key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        return request
    }

    /// - Parameter extraSeconds: beyond the usual time, for large bodies.
    func execute(_ request: HTTPClientRequest, extraSeconds: Int64 = 0) async throws -> HTTPClientResponse {
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: timeout + .seconds(extraSeconds))
        } catch {
            throw Self.unreachable(error, url: target.url)
        }
        guard (200..<300).contains(response.status.code) else {
            // A body that cannot be read leaves the status to speak.
            let body = try? await response.body.collect(upTo: Self.responseBytesMax)
            throw Self.failure(status: Int(response.status.code), body: body.map { Data(buffer: $0) } ?? Data())
        }
        return response
    }

    /// Percent-encodes all but RFC 3986's unreserved characters.
    static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
