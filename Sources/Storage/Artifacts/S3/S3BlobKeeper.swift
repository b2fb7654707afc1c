public import Domain
internal import Foundation
public import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// Objects in an S3 bucket: `PREFIX/blobs/ab/abcdef…`.
///
/// What fits into one part (8 MiB) is put under its name at once. Anything larger is sent on in parts as it comes, to `incoming/…`,
/// since its name is known only at its end, and then copied inside S3: no disk is needed here, and 16 MiB of memory.
public final class S3BlobKeeper: BlobKeeping {
    /// Age at which an unfinished upload counts as abandoned. Longer than any upload takes.
    static let abandonedSeconds = 86_400.0
    /// Objects above this are copied in parts of it: a single copy of S3 takes 5 GiB at most, and answers late.
    static let copyBytesMax: Int64 = 256 << 20
    /// How long an object is waited for after the tries to join its parts have failed.
    static let joinSeconds = 120

    let client: S3Client
    /// Whether the server understands `If-None-Match: *`; believed until it says no.
    private let isConditional = Mutex(true)

    public var place: String { client.location.description }

    /// - Parameter environment: where AWS's variables are looked up.
    /// - Throws: `failedPrecondition` if it has no credentials.
    public init(location: S3Location, environment: [String: String]) throws {
        client = S3Client(
            location: location,
            source: try AWSCredentialSource(environment: environment, region: location.region))
    }

    /// Where the credentials come from, for messages.
    public var credentialSource: String { client.source.name }

    /// Proves that the bucket is there and the credentials are good.
    ///
    /// - Throws: `unavailable` with S3's own words.
    public func check() async throws {
        _ = try await send(
            S3Client.Call(
                method: .GET,
                query: [("list-type", "2"), ("max-keys", "1"), ("prefix", client.location.prefix + "blobs/")]))
    }

    /// Whether it is S3 that cannot answer now, rather than what it was asked that is wrong.
    public static func isAway(_ error: MartletError) -> Bool {
        guard error.code == .unavailable, let cause = error.cause else { return false }
        return (cause as? S3Failure)?.isPassing ?? true
    }

    public func begin() async throws -> any BlobDraft { S3BlobDraft(keeper: self) }

    public func bytes(of name: BlobName) async throws -> Int64? { try await bytes(key: name.key) }

    public func read(_ name: BlobName, range: Range<Int64>, _ sink: (ByteBuffer) async throws -> Void) async throws {
        do {
            try await client.read(name.key, range: range, sink)
        } catch let failure as S3Failure where failure.status == 404 {
            throw MartletError(.internal, "The artifact \(name.digest) is missing from \(place).", cause: failure)
        } catch let failure as S3Failure where failure.status == 416 {
            throw MartletError(
                .internal, "The artifact \(name.digest) is damaged: it is shorter than its record.", cause: failure)
        } catch let failure as S3Failure {
            throw failure.asMartletError(place)
        }
    }

    public func remove(_ name: BlobName) async throws { try await remove(key: name.key) }

    public func list(_ form: BlobName.Form, after digest: String?) async throws -> [BlobName] {
        let prefix = client.location.prefix
        var query = [("list-type", "2"), ("prefix", "\(prefix)\(form.rawValue)/"), ("max-keys", "1000")]
        if let digest { query.append(("start-after", prefix + BlobName(digest: digest, form: form).key)) }
        let text = try await send(S3Client.Call(method: .GET, query: query)).text
        return S3XML.values("Key", in: text).compactMap { BlobName(key: String($0.dropFirst(prefix.count))) }
    }

    public func localPath(digest: String) -> String? { nil }

    /// None: S3 cannot take an object out of sight and say in the same step whether an upload has just found it there.
    public var collecting: (any BlobCollecting)? { nil }

    // MARK: objects by key

    /// Sends, and tells callers what S3 said.
    @discardableResult
    func send(_ call: S3Client.Call, accepted: Set<UInt> = [200, 204]) async throws -> S3Client.Answer {
        do { return try await client.send(call, accepted: accepted) } catch let failure as S3Failure {
            throw failure.asMartletError(place)
        }
    }

    func bytes(key: String) async throws -> Int64? {
        let answer = try await send(S3Client.Call(method: .HEAD, key: key), accepted: [200, 404])
        guard answer.status == 200 else { return nil }
        return answer.headers.first(name: "content-length").flatMap { Int64($0) }
    }

    func remove(key: String) async throws {
        try await send(S3Client.Call(method: .DELETE, key: key), accepted: [200, 204, 404])
    }

    /// Stores a small object under its name. One of the same size that is there already stays.
    func put(_ body: ByteBuffer, as name: BlobName) async throws {
        var call = S3Client.Call(method: .PUT, key: name.key, body: body)
        if isConditional.withLock({ $0 }) {
            call.headers = [("if-none-match", "*")]
            let answer = try await send(call, accepted: [200, 412, 501])
            if answer.status == 200 { return }
            if answer.status == 501 {
                isConditional.withLock { $0 = false }
            } else if try await bytes(of: name) == Int64(body.readableBytes) {
                return
            }
            call.headers = []
        }
        // A race is lost to the same bytes, since the name is their digest.
        try await send(call, accepted: [200])
    }

    // MARK: uploads in parts

    func beginUpload(key: String) async throws -> String {
        let answer = try await send(S3Client.Call(method: .POST, key: key, query: [("uploads", "")]))
        guard let id = S3XML.value("UploadId", in: answer.text) else {
            throw MartletError(.unavailable, "\(place) began an upload without naming it.")
        }
        return id
    }

    /// - Returns: the part's ETag.
    func putPart(_ body: ByteBuffer, _ number: Int, key: String, uploadID: String) async throws -> String {
        let answer = try await send(
            S3Client.Call(
                method: .PUT, key: key, query: [("partNumber", String(number)), ("uploadId", uploadID)], body: body))
        guard let tag = answer.headers.first(name: "etag") else {
            throw MartletError(.unavailable, "\(place) took a part without giving its ETag.")
        }
        return tag
    }

    /// - Parameter bytes: of all parts; nil where clients have sent them and the key is this upload's alone.
    func completeUpload(key: String, uploadID: String, parts: [S3Part], bytes: Int64?) async throws {
        let list = parts.map {
            "<Part><PartNumber>\($0.number)</PartNumber><ETag>\(S3XML.escape($0.tag))</ETag></Part>"
        }.joined()
        let call = S3Client.Call(
            method: .POST, key: key, query: [("uploadId", uploadID)],
            headers: [("content-type", "application/xml")],
            body: ByteBuffer(string: "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>"))
        do {
            _ = try await client.send(call)
        } catch {
            // An earlier try may have succeeded without our hearing of it, or be at work still: to join gigabytes takes minutes.
            let failure = error as? S3Failure
            let isOver = failure?.code == "NoSuchUpload"
            guard isOver || failure?.isPassing ?? true,
                try await appears(key, bytes, within: isOver ? 0 : Self.joinSeconds)
            else { throw failure?.asMartletError(place) ?? error }
        }
    }

    /// Whether there is an object of the key and so many bytes, now or so many seconds later: a damaged one may stand there before.
    private func appears(_ key: String, _ bytes: Int64?, within seconds: Int) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            if let found = try await self.bytes(key: key), bytes == nil || found == bytes { return true }
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: .seconds(2))
        }
    }

    func abortUpload(key: String, uploadID: String) async throws {
        try await send(
            S3Client.Call(method: .DELETE, key: key, query: [("uploadId", uploadID)]), accepted: [200, 204, 404])
    }

    /// Copies inside S3.
    func copy(from key: String, bytes: Int64, to target: String) async throws {
        let source = "/\(client.location.bucket)/\(client.location.prefix)\(key)"
        let header = ("x-amz-copy-source", SignatureV4.encode(source, keepsSlash: true))
        guard bytes > Self.copyBytesMax else {
            try await send(S3Client.Call(method: .PUT, key: target, headers: [header]))
            return
        }
        let uploadID = try await beginUpload(key: target)
        do {
            var parts: [S3Part] = []
            for start in stride(from: 0, to: bytes, by: Int64.Stride(Self.copyBytesMax)) {
                let end = min(start + Self.copyBytesMax, bytes) - 1
                let number = parts.count + 1
                let answer = try await send(
                    S3Client.Call(
                        method: .PUT, key: target,
                        query: [("partNumber", String(number)), ("uploadId", uploadID)],
                        headers: [header, ("x-amz-copy-source-range", "bytes=\(start)-\(end)")]))
                guard let tag = S3XML.value("ETag", in: answer.text) else {
                    throw MartletError(.unavailable, "\(place) copied a part without giving its ETag.")
                }
                parts.append(S3Part(number: number, tag: tag))
            }
            try await completeUpload(key: target, uploadID: uploadID, parts: parts, bytes: bytes)
        } catch {
            // What cannot be removed now is removed when it is a day old.
            await Self.unhurried { try? await self.abortUpload(key: target, uploadID: uploadID) }
            throw error
        }
    }

    /// Runs and waits for what must be done although the caller was cancelled: a client that went away is why there is something to
    /// clean up.
    static func unhurried(_ body: @escaping @Sendable () async -> Void) async { await Task { await body() }.value }

    // MARK: what was left behind

    public func removeAbandoned() async throws -> Int {
        let limit = Date().addingTimeInterval(-Self.abandonedSeconds)
        let prefix = client.location.prefix
        var removed = 0
        // Copies in parts begin under the blob's own key, so uploads of all keys are looked at.
        let uploads = try await send(
            S3Client.Call(method: .GET, query: [("uploads", ""), ("prefix", prefix), ("max-uploads", "1000")])
        ).text
        for upload in S3XML.elements("Upload", in: uploads) {
            guard let key = S3XML.value("Key", in: upload), let id = S3XML.value("UploadId", in: upload),
                let begun = S3XML.value("Initiated", in: upload).flatMap(AWSCredentialSource.date), begun < limit
            else { continue }
            try await abortUpload(key: String(key.dropFirst(prefix.count)), uploadID: id)
            removed += 1
        }
        let objects = try await send(
            S3Client.Call(
                method: .GET, query: [("list-type", "2"), ("prefix", prefix + "incoming/"), ("max-keys", "1000")])
        ).text
        for object in S3XML.elements("Contents", in: objects) {
            guard let key = S3XML.value("Key", in: object),
                let changed = S3XML.value("LastModified", in: object).flatMap(AWSCredentialSource.date), changed < limit
            else { continue }
            try await remove(key: String(key.dropFirst(prefix.count)))
            removed += 1
        }
        return removed
    }
}

/// One part of an upload, as its completion names it.
struct S3Part: Sendable {
    var number: Int
    var tag: String
}
