internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Requests to one bucket: signed, with deadlines, tried again with growing pauses where that may help.
struct S3Client: Sendable {
    /// Tries of one request, the first included: with the pauses between some 3 seconds.
    static let triesMax = 5
    /// The first pause; each later one is twice as long, up to `pauseMillisecondsMax`, less up to half by chance.
    static let pauseMilliseconds = 200.0
    static let pauseMillisecondsMax = 5_000.0
    /// For one request without its body.
    static let deadlineSeconds: Int64 = 60
    /// The slowest connection that a body is sent over, in bytes a second: what the deadline allows for.
    static let bytesPerSecondMin: Int64 = 256 << 10
    /// Of an answer that is not an object's contents.
    static let answerBytesMax = 8 << 20

    /// As long as the process lives: its connections are kept between uploads.
    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        // A server that is silent for that long is tried anew.
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(60))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    struct Answer: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var text: String
    }

    /// One request; the key is that below the prefix, nil for the bucket itself.
    struct Call: Sendable {
        var method: HTTPMethod
        var key: String?
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var body: ByteBuffer?
    }

    let location: S3Location
    let source: AWSCredentialSource

    /// Sends a request until it is answered with one of `accepted`.
    ///
    /// - Throws: `S3Failure` for any other answer, `unavailable` if none comes.
    func send(_ call: Call, accepted: Set<UInt> = [200, 204]) async throws -> Answer {
        let hash = call.body.map { Self.payloadHash($0) } ?? SignatureV4.emptyPayload
        return try await retrying {
            let response = try await execute(call, payloadHash: hash)
            let text = String(buffer: try await response.body.collect(upTo: Self.answerBytesMax))
            let status = response.status.code
            // Copies and completions may fail after they have answered 200.
            let isLateFailure = status == 200 && text.contains("<Error>")
            guard accepted.contains(status), !isLateFailure else { throw Self.failure(status, text) }
            return Answer(status: status, headers: response.headers, text: text)
        }
    }

    /// Hands over a range of an object. A connection that breaks off is taken up where it broke.
    ///
    /// - Throws: `S3Failure`, `unavailable`, and what `sink` throws.
    func read(_ key: String, range: Range<Int64>, _ sink: (ByteBuffer) async throws -> Void) async throws {
        var offset = range.lowerBound
        var tries = 0
        while offset < range.upperBound {
            let call = Call(
                method: .GET, key: key, headers: [("range", "bytes=\(offset)-\(range.upperBound - 1)")])
            let broken: any Error
            do {
                let response = try await execute(call, payloadHash: SignatureV4.emptyPayload)
                guard response.status.code == 206 else {
                    throw Self.failure(
                        response.status.code, String(buffer: try await response.body.collect(upTo: Self.answerBytesMax))
                    )
                }
                var pieces = response.body.makeAsyncIterator()
                // Errors of the sink are the caller's: they pass through both loops.
                while let piece = try await next(&pieces) {
                    let rest = range.upperBound - offset
                    let taken = piece.getSlice(
                        at: piece.readerIndex, length: Int(min(rest, Int64(piece.readableBytes))))
                    offset += Int64(taken?.readableBytes ?? 0)
                    tries = 0
                    do { try await sink(taken ?? ByteBuffer()) } catch { throw SinkFailure(error: error) }
                }
                guard offset < range.upperBound else { return }
                broken = MartletError(.unavailable, "\(location) ended in the middle of an object.")
            } catch let error as SinkFailure {
                throw error.error
            } catch {
                broken = error
            }
            tries += 1
            try await pause(after: broken, tries: tries)
        }
    }

    private struct SinkFailure: Error {
        var error: any Error
    }

    private func next(_ pieces: inout HTTPClientResponse.Body.AsyncIterator) async throws -> ByteBuffer? {
        try await pieces.next()
    }

    /// A URL that gives whoever has it this one request for a while.
    func presignedURL(_ call: Call, expiresIn seconds: Int) async throws -> String {
        let path = location.path(call.key)
        let request = SignatureV4.Request(
            method: call.method.rawValue, path: path, query: call.query, headers: [("host", location.authority)])
        let signer = SignatureV4(credentials: try await source.credentials(), region: location.region)
        return
            "\(location.scheme)://\(location.authority)\(SignatureV4.encode(path, keepsSlash: true))?\(signer.presignedQuery(request, expiresIn: seconds, at: Date()))"
    }

    // MARK: one try

    private func execute(_ call: Call, payloadHash: String) async throws -> HTTPClientResponse {
        let path = location.path(call.key)
        let query = SignatureV4.queryText(call.query)
        var request = HTTPClientRequest(
            url:
                "\(location.scheme)://\(location.authority)\(SignatureV4.encode(path, keepsSlash: true))\(query.isEmpty ? "" : "?" + query)"
        )
        request.method = call.method
        let signer = SignatureV4(credentials: try await source.credentials(), region: location.region)
        let headers = signer.signedHeaders(
            SignatureV4.Request(
                method: call.method.rawValue, path: path, query: call.query,
                headers: call.headers + [("host", location.authority)]),
            payloadHash: payloadHash, at: Date())
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body = call.body {
            // Piece by piece: written at once, TLS would hold it a second time.
            request.body =
                body.readableBytes > BufferPieces.pieceBytes
                ? .stream(BufferPieces(buffer: body), length: .known(Int64(body.readableBytes))) : .bytes(body)
        }
        let bytes = Int64(call.body?.readableBytes ?? 0)
        return try await Self.http.execute(
            request, timeout: .seconds(Self.deadlineSeconds + bytes / Self.bytesPerSecondMin))
    }

    private func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        var tries = 0
        while true {
            do { return try await body() } catch {
                tries += 1
                try await pause(after: error, tries: tries)
            }
        }
    }

    /// Waits before the next try.
    ///
    /// - Throws: the failure itself if another try would not help or none is left.
    private func pause(after failure: any Error, tries: Int) async throws {
        try Task.checkCancellation()
        if failure is CancellationError { throw failure }
        if let failure = failure as? S3Failure, !failure.isPassing { throw failure }
        if let failure = failure as? MartletError, failure.code != .unavailable { throw failure }
        guard tries < Self.triesMax else {
            if failure is S3Failure || failure is MartletError { throw failure }
            throw MartletError(.unavailable, "\(location) cannot be reached.", cause: failure)
        }
        let longest = min(Self.pauseMilliseconds * Double(1 << (tries - 1)), Self.pauseMillisecondsMax)
        try await Task.sleep(for: .milliseconds(Double.random(in: longest / 2...longest)))
    }

    private static func failure(_ status: UInt, _ text: String) -> S3Failure {
        S3Failure(
            status: status, code: S3XML.value("Code", in: text) ?? "", message: S3XML.value("Message", in: text) ?? "")
    }

    private static func payloadHash(_ body: ByteBuffer) -> String {
        body.withUnsafeReadableBytes { SHA256Digest.of($0) }
    }
}
