internal import Crypto
public import Domain
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Large files on the direct way between client and S3, by URLs that are each good for one request for a while.
///
/// An upload in parts goes to `incoming/…`; its completion here reads it once for its digest and copies it under its name, so
/// that what is acknowledged is as durable and as content-addressed as what came through the server.
public struct PresignedArtifacts: Sendable {
    /// How long a URL is good: an hour, for slow lines.
    public static let urlSeconds = 3_600
    /// Of one upload, as S3 has it.
    static let partsMax = 10_000
    /// Uploads that a server keeps open at a time.
    static let uploadsMax = 10_000
    /// Milliseconds after which an upload that nobody completed may be forgotten: S3's side is removed at the same age.
    static let uploadMillisecondsMax: Int64 = 86_400_000

    /// An upload in parts that has begun.
    public struct Upload: Sendable {
        public var id: String
        /// One a part, from part 1 on.
        public var urls: [String]
    }

    let artifacts: ArtifactStore
    let bucket: S3BlobKeeper
    let clock: any WallClock

    public init(artifacts: ArtifactStore, bucket: S3BlobKeeper, clock: any WallClock) {
        self.artifacts = artifacts
        self.bucket = bucket
        self.clock = clock
    }

    // MARK: downloads

    /// Where S3 hands out a file.
    ///
    /// - Throws: `notFound`, `unimplemented` for a file that only Martlet can decrypt.
    public func downloadURL(_ path: String) async throws -> (url: String, bytes: Int64) {
        let blob = try await artifacts.blob(path)
        let name = try await artifacts.blobs.name(of: blob)
        guard name.form == .plain else {
            throw MartletError(.unimplemented, "This artifact is encrypted and is handed out by the server only.")
        }
        let url = try await bucket.client.presignedURL(
            S3Client.Call(method: .GET, key: name.key), expiresIn: Self.urlSeconds)
        return (url, blob.bytes)
    }

    // MARK: uploads

    /// Begins an upload to a path.
    ///
    /// - Parameter parts: 1…10,000.
    /// - Throws: `invalidArgument`, `permissionDenied` for a version's path, `resourceExhausted` with too many open.
    public func begin(_ path: String, parts: Int, by actor: Principal) async throws -> Upload {
        try ArtifactStore.checkWritable(path)
        guard (1...Self.partsMax).contains(parts) else {
            throw MartletError.invalid("num_parts is 1 to \(Self.partsMax), not \(parts).", field: "num_parts")
        }
        let now = clock.now()
        let key = "incoming/\(UUID().uuidString.lowercased())"
        let id = Hex.random(bytes: 16)
        let storeID = try await bucket.beginUpload(key: key)
        try await artifacts.database.write { sql in
            try sql.execute(
                "DELETE FROM artifact_uploads WHERE created_at < $1",
                [.integer(now.milliseconds - Self.uploadMillisecondsMax)])
            let open = try sql.row("SELECT COUNT(*) AS uploads FROM artifact_uploads")?.int("uploads") ?? 0
            guard open < Self.uploadsMax else {
                throw MartletError(.resourceExhausted, "There are \(open) open uploads. Complete or abort some.")
            }
            try sql.execute(
                """
                INSERT INTO artifact_uploads (upload_id, path, store_key, store_upload_id, principal_id, created_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [
                    .text(id), .text(path), .text(key), .text(storeID), .text(actor.id.rawValue),
                    .integer(now.milliseconds),
                ])
        }
        var urls: [String] = []
        for part in 1...parts {
            urls.append(
                try await bucket.client.presignedURL(
                    S3Client.Call(
                        method: .PUT, key: key, query: [("partNumber", String(part)), ("uploadId", storeID)]),
                    expiresIn: Self.urlSeconds))
        }
        return Upload(id: id, urls: urls)
    }

    /// Ends an upload: what was sent is read once, named by its digest, and stored under the path that it was begun for.
    ///
    /// - Throws: `notFound`, `invalidArgument` for parts that S3 has not, `payloadTooLarge`.
    public func complete(
        _ id: String, path: String, parts: [(number: Int, tag: String)], by actor: Principal
    ) async throws {
        let upload = try await upload(id, path: path, by: actor)
        guard !parts.isEmpty, parts.count <= Self.partsMax else {
            throw MartletError.invalid("parts needs 1 to \(Self.partsMax) entries.", field: "parts")
        }
        let list = parts.map { S3Part(number: $0.number, tag: $0.tag) }.sorted { $0.number < $1.number }
        do {
            try await bucket.completeUpload(key: upload.key, uploadID: upload.storeID, parts: list, bytes: nil)
        } catch let error as MartletError {
            guard let failure = error.cause as? S3Failure, failure.status == 400 else { throw error }
            throw MartletError(
                .invalidArgument, "S3 refused the parts: \(failure.message)", field: "parts", cause: error)
        }
        let blob = try await adopt(upload.key)
        try await artifacts.record(blob, at: path, by: actor)
        try await forget(id)
        try await bucket.remove(key: upload.key)
    }

    /// Gives an upload up.
    ///
    /// - Throws: `notFound`.
    public func abort(_ id: String, path: String, by actor: Principal) async throws {
        let upload = try await upload(id, path: path, by: actor)
        try await bucket.abortUpload(key: upload.key, uploadID: upload.storeID)
        try await forget(id)
    }

    /// Names an object by its digest.
    private func adopt(_ key: String) async throws -> BlobStore.Blob {
        guard let bytes = try await bucket.bytes(key: key) else {
            throw MartletError(.unavailable, "\(bucket.place) has lost an upload that it completed.")
        }
        guard bytes <= artifacts.bytesMax else {
            try await bucket.remove(key: key)
            throw MartletError(.payloadTooLarge, "An artifact may have \(artifacts.bytesMax) bytes.")
        }
        var hash = SHA256()
        do {
            try await bucket.client.read(key, range: 0..<bytes) { chunk in
                chunk.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
            }
        } catch let failure as S3Failure {
            throw failure.asMartletError(bucket.place)
        }
        let blob = BlobStore.Blob(digest: hash.finalize().hexadecimal, bytes: bytes)
        let name = BlobName(digest: blob.digest, form: .plain)
        // The upload is complete, so its URLs write nothing any more: what was read is what is copied.
        if try await bucket.bytes(of: name) != bytes { try await bucket.copy(from: key, bytes: bytes, to: name.key) }
        return blob
    }

    private func upload(
        _ id: String, path: String, by actor: Principal
    ) async throws -> (key: String, storeID: String) {
        let row = try await artifacts.database.read { sql in
            try sql.row(
                """
                SELECT store_key, store_upload_id FROM artifact_uploads
                WHERE upload_id = $1 AND path = $2 AND principal_id = $3
                """, [.text(id), .text(path), .text(actor.id.rawValue)])
        }
        guard let row else { throw MartletError.notFound("There is no open upload \(id) to '\(path)' of yours.") }
        return (try row.text("store_key"), try row.text("store_upload_id"))
    }

    private func forget(_ id: String) async throws {
        _ = try await artifacts.database.write { sql in
            try sql.execute("DELETE FROM artifact_uploads WHERE upload_id = $1", [.text(id)])
        }
    }
}
