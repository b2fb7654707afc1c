/// The port through which the calls of the model repository extension are answered.
public protocol RepositoryControlling: Sendable {
    /// Whether calls for predictions can be answered.
    var isReady: Bool { get }

    /// Every version that is known, by model and number.
    func index() async throws -> [RepositoryEntry]

    /// - Throws: `notFound`; `unavailable` where it cannot be served, saying why; `unimplemented` for what cannot be overridden.
    func load(_ model: String, _ overrides: ModelLoadOverrides) async throws

    /// - Throws: `notFound`; `failedPrecondition` where no call may take the model away, saying what governs it.
    func unload(_ model: String) async throws
}
