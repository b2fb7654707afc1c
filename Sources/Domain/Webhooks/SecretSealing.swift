/// Encrypts secrets that the store keeps and must be able to read again.
public protocol SecretSealing: Sendable {
    /// - Returns: text that only `open` of the same key reads.
    func seal(_ secret: String) throws -> String
    /// - Throws: if it was sealed with another key, or is damaged.
    func open(_ sealed: String) throws -> String
}
