internal import ArgumentParser

/// Where artifacts lie, and what decrypts them.
struct ArtifactStoreOptions: ParsableArguments {
    @Option(help: "s3://BUCKET/PREFIX (default: the folder artifacts of the data directory).")
    var artifactStore: String?
    @Option(help: "URL of an S3 server other than AWS's.") var s3Endpoint: String?
    @Option(help: "Region of the bucket (default: AWS_REGION, AWS_DEFAULT_REGION or us-east-1).") var s3Region: String?
    @Option(help: "Where the bucket's name goes: auto, path or virtual (default: auto).") var s3Addressing: String?
    @Option(help: "File of master keys, one base64 line of 32 bytes each, the current one first; encrypts at rest.")
    var encryptionKeyFile: String?

    /// What was given, by the name of the setting.
    var texts: [(String, String?)] {
        [
            ("artifact-store", artifactStore), ("s3-endpoint", s3Endpoint), ("s3-region", s3Region),
            ("s3-addressing", s3Addressing), ("encryption-key-file", encryptionKeyFile),
        ]
    }
}
