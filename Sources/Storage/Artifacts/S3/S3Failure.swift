internal import Domain

/// An answer of S3 that was not the one hoped for.
struct S3Failure: Error, CustomStringConvertible {
    var status: UInt
    /// `NoSuchKey`, `SignatureDoesNotMatch`, …; empty where the answer has none.
    var code: String
    var message: String

    var description: String { "\(status) \(code) \(message)" }

    /// Whether another try may fare better.
    var isPassing: Bool {
        [408, 429, 500, 502, 503, 504].contains(status) || code == "SlowDown" || code == "RequestTimeout"
            || code == "OperationAborted" || code == "ConditionalRequestConflict"
    }

    /// What callers of the store are told.
    func asMartletError(_ place: String) -> MartletError {
        let advice =
            switch code {
            case "SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied", "ExpiredToken", "Forbidden":
                " Check the credentials and what they may do with the bucket."
            case "NoSuchBucket": " Make the bucket, or name another."
            case "RequestTimeTooSkewed": " Set this machine's clock."
            case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
                " Check --s3-region and --s3-endpoint."
            default: status == 403 ? " Check the credentials and what they may do with the bucket." : ""
            }
        let said = [code, message].filter { !$0.isEmpty }.joined(separator: ": ")
        return MartletError(
            .unavailable, "\(place) answered \(status)\(said.isEmpty ? "" : " (\(said))").\(advice)", cause: self)
    }
}
