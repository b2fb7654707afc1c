internal import Foundation

/// What signs requests. Never printed: its description and its mirror hide the secrets.
struct AWSCredentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?
    /// nil for those that last.
    var expiresAt: Date?

    var description: String { "AWSCredentials(\(accessKeyID))" }
    var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
