internal import Domain
internal import Storage

extension ServerConfiguration {
    /// Folder of artifacts, where these are not in a bucket.
    var artifactFolder: String { dataDirectory + "/artifacts" }

    /// The bucket of artifacts; nil where they are in a folder.
    ///
    /// - Throws: `invalidArgument` for an address that is none, `failedPrecondition` if the environment has no credentials.
    func makeBucket(environment: [String: String]) throws -> S3BlobKeeper? {
        guard let url = artifactStore else { return nil }
        let region =
            [s3Region, environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]]
            .compactMap { $0 }.first { !$0.isEmpty }
        let location = try S3Location(
            url: url, endpoint: s3Endpoint ?? environment["AWS_ENDPOINT_URL_S3"], region: region ?? "us-east-1",
            addressing: s3Addressing)
        return try S3BlobKeeper(location: location, environment: environment)
    }
}
