internal import Storage

/// Artifacts and encryption at rest.
struct ArtifactParts: Sendable {
    let store: ArtifactStore
    let keyStore: DataKeyStore
    /// nil where nothing is encrypted.
    let keys: DataKeyRing?
    let cipher: ColumnCipher
    /// nil where clients are not sent to S3 itself.
    let presigned: PresignedArtifacts?
}
