internal import Domain
internal import Foundation
public import NIOCore
internal import NIOHTTP1

/// Objects in a bucket that somebody names, to be read once: for commands, with the credentials of whoever runs them. A server
/// never reads by an address that a client sent.
public struct S3Source: Sendable {
    /// One object.
    public struct Object: Sendable, Hashable {
        /// The whole key.
        public var key: String
        public var bytes: Int64
    }

    /// Keys of one listing, as S3 has it.
    static let pageMax = 1_000

    private let client: S3Client
    /// What was named below the bucket: the key of an object, or a folder of them. Empty for the whole bucket.
    public let key: String

    /// - Parameters:
    ///   - url: `s3://BUCKET/KEY`.
    ///   - endpoint: of another server than AWS's; nil takes `AWS_ENDPOINT_URL_S3`.
    ///   - region: nil takes that of the environment or its profile, else us-east-1.
    ///   - environment: where AWS's variables are looked up.
    /// - Throws: `invalidArgument` for an address that is none, `failedPrecondition` if there are no credentials.
    public init(url: String, endpoint: String?, region: String?, environment: [String: String]) throws {
        let rest = url.dropFirst("s3://".count)
        let bucket = String(rest.prefix { $0 != "/" })
        var key = String(rest.dropFirst(bucket.count + 1))
        while key.hasSuffix("/") { key.removeLast() }
        self.key = key
        let location = try S3Location(
            url: "s3://" + bucket, endpoint: endpoint ?? environment["AWS_ENDPOINT_URL_S3"],
            region: region ?? AWSRegion.find(environment) ?? "us-east-1", addressing: .auto)
        client = S3Client(
            location: location, source: try AWSCredentialSource(environment: environment, region: location.region))
    }

    /// The object itself; nil if the key is none of an object, or may not be read: asking for those below it says why.
    ///
    /// - Throws: `unavailable` with S3's own words.
    public func object() async throws -> Object? {
        guard !key.isEmpty else { return nil }
        let answer = try await said {
            try await client.send(S3Client.Call(method: .HEAD, key: key), accepted: [200, 403, 404])
        }
        guard answer.status == 200, let bytes = answer.headers.first(name: "content-length").flatMap({ Int64($0) })
        else { return nil }
        return Object(key: key, bytes: bytes)
    }

    /// All objects below the key, by key.
    ///
    /// - Throws: `unavailable` with S3's own words, `resourceExhausted` for more than `max`.
    public func objects(max: Int) async throws -> [Object] {
        var found: [Object] = []
        while true {
            var query = [
                ("list-type", "2"), ("prefix", key.isEmpty ? "" : key + "/"), ("max-keys", String(Self.pageMax)),
            ]
            if let last = found.last { query.append(("start-after", last.key)) }
            let call = S3Client.Call(method: .GET, query: query)
            let text = try await said { try await client.send(call) }.text
            let page = S3XML.elements("Contents", in: text).compactMap { item -> Object? in
                guard let key = S3XML.value("Key", in: item),
                    let bytes = S3XML.value("Size", in: item).flatMap(Int64.init)
                else { return nil }
                return Object(key: key, bytes: bytes)
            }
            found += page
            guard found.count <= max else {
                throw MartletError(
                    .resourceExhausted, "\(client.location)\(key) has more than \(max) objects. Name a smaller folder.")
            }
            guard S3XML.value("IsTruncated", in: text) == "true", !page.isEmpty else { return found }
        }
    }

    /// The bytes of an object.
    public func pieces(_ object: Object) -> S3Pieces { S3Pieces(client: client, object: object) }

    private func said<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        do { return try await body() } catch let failure as S3Failure {
            throw failure.asMartletError(client.location.description)
        }
    }
}

/// The bytes of an object, a bounded range a request: the next one is asked for when the last has been taken.
public struct S3Pieces: AsyncSequence, Sendable {
    /// Of one request: few enough to hold, and enough that the way to S3 does not count.
    static let pieceBytes: Int64 = 8 << 20

    let client: S3Client
    let object: S3Source.Object

    public struct AsyncIterator: AsyncIteratorProtocol {
        let client: S3Client
        let object: S3Source.Object
        var offset: Int64 = 0

        /// - Throws: `unavailable` with S3's own words.
        public mutating func next() async throws -> ByteBuffer? {
            guard offset < object.bytes else { return nil }
            let range = offset..<Swift.min(offset + S3Pieces.pieceBytes, object.bytes)
            var piece = ByteBuffer()
            piece.reserveCapacity(Int(range.upperBound - range.lowerBound))
            do {
                try await client.read(object.key, range: range) { piece.writeImmutableBuffer($0) }
            } catch let failure as S3Failure {
                throw failure.asMartletError(client.location.description)
            }
            offset = range.upperBound
            return piece
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(client: client, object: object) }
}
