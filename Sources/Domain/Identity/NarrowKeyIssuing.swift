/// The port through which a child process (a retraining command, say) gets a key that can do little and not for long.
public protocol NarrowKeyIssuing: Sendable {
    /// A contributor's key, confined to one registered model.
    ///
    /// - Parameters:
    ///   - model: the only registered model that it may write.
    ///   - purpose: its label, for example `retraining 01J…`.
    ///   - validSeconds: its life, more than 0 and at most `NarrowKey.validSecondsMax`.
    ///   - actor: who caused it; the audit event names it.
    /// - Throws: `invalidArgument` if the life is out of range.
    func issueNarrowKey(model: String, purpose: String, validSeconds: Int, actor: Principal) async throws -> IssuedKey

    /// Ends the key at once; one that has ended already is no error.
    func revokeNarrowKey(id: String, actor: Principal) async throws
}

/// The limits of narrow keys.
public enum NarrowKey {
    /// A day: longer than any retraining command may run.
    public static let validSecondsMax = 86_400
}
