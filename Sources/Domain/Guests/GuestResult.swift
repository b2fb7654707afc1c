/// What came of a guest.
public struct GuestResult: Sendable {
    public enum Ending: Sendable, Hashable {
        case exited(Int)
        /// By a signal that was not the runner's own; 9 is often the kernel's, for want of memory.
        case signalled(Int)
        case timedOut
        case memoryExceeded
    }

    public var ending: Ending
    /// The end of standard output, as UTF-8 with repairs.
    public var standardOutput: String
    /// The end of standard error, as UTF-8 with repairs.
    public var standardError: String
    /// The files asked for that are there, are plain files, and are not too large.
    public var outputs: [String: [UInt8]]
    public var wallSeconds: Double
    /// The most resident memory seen, in bytes; sampled, so a short peak can be missed.
    public var memoryBytesPeak: Int
    /// What confined it, as a sentence.
    public var confinement: String

    public init(
        ending: Ending, standardOutput: String, standardError: String, outputs: [String: [UInt8]], wallSeconds: Double,
        memoryBytesPeak: Int, confinement: String
    ) {
        self.ending = ending
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.outputs = outputs
        self.wallSeconds = wallSeconds
        self.memoryBytesPeak = memoryBytesPeak
        self.confinement = confinement
    }

    public var isSuccess: Bool { ending == .exited(0) }
}

extension GuestResult.Ending: CustomStringConvertible {
    /// How it ended, as the end of a sentence: `was killed after its time limit`.
    public var description: String {
        switch self {
        case .exited(let code): "exited with \(code)"
        case .signalled(let signal): "was ended by signal \(signal)"
        case .timedOut: "was killed at its time limit"
        case .memoryExceeded: "was killed at its memory limit"
        }
    }
}
