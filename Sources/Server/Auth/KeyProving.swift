internal import Storage

/// What knows API keys: the database, or a file where there is none.
protocol KeyProving: Sendable {
    /// Who holds the key with this text.
    ///
    /// - Returns: nil if the text is no key in force, without saying why.
    func authenticate(_ text: String) async throws -> KeyStore.Authenticated?

    /// Who holds the key with this id, proven otherwise (a signed session).
    func holder(ofKey id: String) async throws -> KeyStore.Authenticated?
}

extension KeyStore: KeyProving {}
