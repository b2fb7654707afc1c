/// The port through which a confined child process is run.
public protocol GuestRunner: Sendable {
    /// Whether the configuration allows others' code.
    var runsOthersCode: Bool { get }
    /// Runs one guest to its end. However it ends is a result, not an error.
    ///
    /// - Throws: `failedPrecondition` for others' code where the configuration forbids it or the machine cannot confine
    ///   it, `resourceExhausted` if too many run, `internal` if it cannot be started.
    func run(_ command: GuestCommand) async throws -> GuestResult
}
