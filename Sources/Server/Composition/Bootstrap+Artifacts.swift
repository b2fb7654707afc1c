internal import Domain
internal import Foundation
internal import Logging
internal import Storage

extension Bootstrap {
    /// Where artifacts are kept, and the keys of encryption at rest.
    ///
    /// - Throws: `unavailable` if the bucket does not answer or refuses the credentials, `failedPrecondition` if a key is missing.
    func makeArtifacts(registry: Database, clock: any WallClock) async throws -> ArtifactParts {
        let keyStore = DataKeyStore(database: registry, clock: clock, keyFile: configuration.encryptionKeyFile)
        let keys = try await keyStore.open(makes: configuration.role.isControl)
        let bucket = try await makeBucket()
        let keeper: any BlobKeeping =
            try bucket
            ?? FolderBlobKeeper(
                root: configuration.dataDirectory + "/artifacts", clearsIncoming: configuration.role.isControl)
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

    private func makeBucket() async throws -> S3BlobKeeper? {
        guard let url = configuration.artifactStore else { return nil }
        let environment = ProcessInfo.processInfo.environment
        let region =
            [configuration.s3Region, environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]]
            .compactMap { $0 }.first { !$0.isEmpty }
        let location = try S3Location(
            url: url, endpoint: configuration.s3Endpoint ?? environment["AWS_ENDPOINT_URL_S3"],
            region: region ?? "us-east-1", addressing: configuration.s3Addressing)
        let bucket = try S3BlobKeeper(location: location, environment: environment)
        try await bucket.check()
        logger.info(
            "artifacts are in S3",
            metadata: ["store": "\(bucket.place)", "credentials": "\(bucket.credentialSource)"])
        return bucket
    }
}
