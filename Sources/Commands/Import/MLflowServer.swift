internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOFoundationCompat
internal import NIOHTTP1
internal import Wire

/// Another server that speaks MLflow's REST API: an MLflow server, or a Martlet.
struct MLflowServer: Sendable {
    /// An answer at most: a page of runs with everything that was logged to them.
    static let answerBytesMax = 512 << 20
    static let attemptsMax = 6
    /// Of the whole transfer of one artifact.
    static let transferHours: Int64 = 12

    /// Scheme, host and port, and a path where the server stands behind one.
    let url: String
    private let authorization: String?
    private let http: HTTPClient
    private let timeout: TimeAmount

    init(url: String, authorization: String?, http: HTTPClient, timeoutSeconds: Double) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.authorization = authorization
        self.http = http
        timeout = .nanoseconds(Int64(timeoutSeconds * 1e9))
    }

    func close() async throws {
        try await http.shutdown()
    }

    // MARK: JSON

    /// `GET /api/2.0/mlflow/<path>`.
    func get(_ path: String, _ query: [(String, String?)] = []) async throws -> JSONValue {
        let pairs = query.compactMap { name, value in
            value.map { "\(APIClient.escaped(name))=\(APIClient.escaped($0))" }
        }
        let suffix = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        return try await json(.GET, "/api/2.0/\(path)\(suffix)", nil)
    }

    func post(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        try await json(.POST, "/api/2.0/\(path)", body)
    }

    func send(_ method: HTTPMethod, _ path: String, _ body: JSONValue) async throws -> JSONValue {
        try await json(method, "/api/2.0/\(path)", body)
    }

    /// All items of a search, page by page.
    func pages(
        _ member: String, next: (String?) async throws -> JSONValue, each: ([JSONValue]) async throws -> Void
    ) async throws {
        var token: String?
        repeat {
            let page = try await next(token)
            try await each(page[member]?.arrayValue ?? [])
            let following = page["next_page_token"]?.stringValue
            guard following == nil || following != token else {
                throw MartletError(.internal, "\(url) gives the same page of \(member) again and again.")
            }
            token = following
        } while token?.isEmpty == false
    }

    private func json(_ method: HTTPMethod, _ path: String, _ body: JSONValue?) async throws -> JSONValue {
        let content = body.map { ByteBuffer(bytes: JSONPrinter.print($0)) }
        let bytes = try await retrying {
            var request = makeRequest(method, path)
            if let content {
                request.headers.add(name: "content-type", value: "application/json")
                request.body = .bytes(content)
            }
            let response = try await http.execute(request, timeout: timeout)
            let answer = try await response.body.collect(upTo: Self.answerBytesMax)
            try check(response, answer)
            return answer
        }
        if bytes.readableBytes == 0 { return [:] }
        do {
            return try JSONParser.parse(Array(bytes.readableBytesView))
        } catch {
            throw MartletError(.internal, "\(url) did not answer with JSON. Is it an MLflow server?", cause: error)
        }
    }

    // MARK: bodies

    /// Opens a body to be read; nothing of it is held.
    func open(_ path: String) async throws -> HTTPClientResponse {
        try await retrying {
            let response = try await http.execute(makeRequest(.GET, path), timeout: .hours(Self.transferHours))
            if response.status != .ok { try check(response, try await response.body.collect(upTo: 1 << 20)) }
            return response
        }
    }

    /// Sends a body as it comes.
    func put<Body: AsyncSequence & Sendable>(
        _ path: String, _ body: Body, bytes: Int64?
    ) async throws where Body.Element == ByteBuffer {
        var request = makeRequest(.PUT, path)
        request.headers.add(name: "content-type", value: "application/octet-stream")
        request.body = .stream(body, length: bytes.map { .known($0) } ?? .unknown)
        let response: HTTPClientResponse
        do {
            response = try await http.execute(request, timeout: .hours(Self.transferHours))
        } catch {
            throw APIClient.unreachable(error, url: url)
        }
        try check(response, try await response.body.collect(upTo: 1 << 20))
    }

    private func makeRequest(_ method: HTTPMethod, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "user-agent", value: "martlet-cli")
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        return request
    }

    private func check(_ response: HTTPClientResponse, _ body: ByteBuffer) throws {
        guard !(200..<300).contains(response.status.code) else { return }
        let status = Int(response.status.code)
        let said = (try? JSONParser.parse(Array(body.readableBytesView)))?["message"]?.stringValue
        var failure = APIClient.failure(status: status, body: Data(buffer: body))
        failure.message = "\(url): \(said ?? failure.message)"
        throw failure
    }

    /// Tries again, a little later each time, what may only have been bad luck.
    private func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error as MartletError {
                let isPassing = [.unavailable, .resourceExhausted, .deadlineExceeded, .internal].contains(error.code)
                guard isPassing, attempt < Self.attemptsMax else { throw error }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                guard attempt < Self.attemptsMax else { throw APIClient.unreachable(error, url: url) }
            }
            try await Task.sleep(for: .milliseconds(200 << attempt))
            attempt += 1
        }
    }
}
