/// Names one version of a data set: by the set's name and its number, 1 or more, and by the digest of its content.
public struct DatasetVersionID: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Digits of a digest that a person reads.
    public static let shownDigits = 12

    public var name: String
    public var number: Int
    /// SHA-256 of the content, 64 lower-case hexadecimal digits.
    public var digest: String

    public init(name: String, number: Int, digest: String) {
        self.name = name
        self.number = number
        self.digest = digest
    }

    public var description: String { "\(name)@\(digest.prefix(Self.shownDigits))" }
}
