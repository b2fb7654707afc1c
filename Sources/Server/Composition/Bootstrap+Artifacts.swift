internal import Domain
internal import Foundation
internal import Logging
internal import Storage

extension Bootstrap {
    /// Where artifacts are kept, and the keys of encryption at rest.
    ///
    /// - Throws: `unavailable` if S3 refuses the bucket or the credentials, or the database with the keys is away;
    ///   `failedPrecondition` if a key is missing.
    func makeArtifacts(registry: Database, clock: any WallClock) async throws -> ArtifactParts {
        let keyStore = DataKeyStore(database: registry, clock: clock, keyFile: configuration.encryptionKeyFile)
        let keys = try await openKeys(keyStore)
        let bucket = try await reachBucket()
        let keeper: any BlobKeeping =
            try bucket ?? FolderBlobKeeper(root: configuration.artifactFolder, mends: configuration.role.isControl)
        let cache = try BlobCache(
            root: configuration.cacheDirectory ?? configuration.dataDirectory + "/cache",
            bytesMax: Int64(configuration.cacheMebibytesMax) << 20)
        let store = ArtifactStore(
            database: registry, clock: clock, blobs: BlobStore(keeper: keeper, cache: cache, keys: keys),
            bytesMax: Int64(configuration.artifactMebibytesMax) << 20)
        let presigned = bucket.flatMap { bucket in
            configuration.presignsURLs ? PresignedArtifacts(artifacts: store, bucket: bucket, clock: clock) : nil
        }
        return ArtifactParts(
            store: store, keyStore: keyStore, keys: keys, cipher: ColumnCipher(keys: keys), presigned: presigned)
    }

    /// With the database away the server starts all the same, unless it is to encrypt: what it would write in the clear meanwhile
    /// could not be called back.
    private func openKeys(_ store: DataKeyStore) async throws -> DataKeyRing? {
        do {
            return try await store.open(makes: configuration.role.isControl)
        } catch let error as MartletError where error.code == .unavailable {
            guard configuration.encryptionKeyFile == nil else {
                throw MartletError(
                    .unavailable,
                    "The data keys of encryption at rest are in the database, which is away. Start again when it is back.",
                    field: "encryption-key-file", cause: error)
            }
            logger.error(
                "whether stored data are encrypted is not known; what is encrypted cannot be read until a start with the key file",
                metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// With S3 away the server starts all the same: models are served from the cache, and artifacts answer 503 until it is back.
    private func reachBucket() async throws -> S3BlobKeeper? {
        guard let bucket = try configuration.makeBucket(environment: ProcessInfo.processInfo.environment) else {
            return nil
        }
        do { try await bucket.check() } catch let error as MartletError where S3BlobKeeper.isAway(error) {
            logger.error("the bucket of the artifacts does not answer", metadata: ["error": "\(error)"])
            return bucket
        }
        logger.info(
            "artifacts are in S3",
            metadata: ["store": "\(bucket.place)", "credentials": "\(bucket.credentialSource)"])
        return bucket
    }
}
