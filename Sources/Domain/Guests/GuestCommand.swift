/// One program to run as a guest, with all that it may see and use.
public struct GuestCommand: Sendable {
    /// Whose code runs.
    public enum Code: Sendable, Hashable {
        /// Martlet's own binary, confined because of what it reads (a model file on trial).
        case own
        /// A converter that opens a pickle, a retraining command: only where the configuration allows it.
        case others
    }

    /// A file put into the guest's working folder before it starts.
    public struct Input: Sendable {
        public enum Content: Sendable {
            /// Copied from this path on the machine.
            case file(String)
            case bytes([UInt8])
        }
        /// Relative to the working folder, with `/`.
        public var path: String
        public var content: Content
        public init(path: String, content: Content) {
            self.path = path
            self.content = content
        }
    }

    /// A file read back when the guest has ended.
    public struct Output: Sendable {
        /// A plain name in the working folder.
        public var name: String
        public var bytesMax: Int
        public init(name: String, bytesMax: Int) {
            self.name = name
            self.bytesMax = bytesMax
        }
    }

    /// An absolute path, or a name looked up on the guest's own `PATH`.
    public var executable: String
    public var arguments: [String]
    public var code: Code
    /// All of the environment but `PATH`, `HOME`, `TMPDIR` and `LANG`; nothing of the server's is inherited.
    public var environment: [String: String]
    public var inputs: [Input]
    public var outputs: [Output]
    /// Absolute paths that the guest must be able to read even if a folder above is closed to it.
    public var readablePaths: [String]
    /// Whether it may use the network; off where the machine can take it away.
    public var mayUseNetwork: Bool
    public var limits: GuestLimits

    public init(
        executable: String, arguments: [String] = [], code: Code, environment: [String: String] = [:],
        inputs: [Input] = [], outputs: [Output] = [], readablePaths: [String] = [], mayUseNetwork: Bool = false,
        limits: GuestLimits = GuestLimits()
    ) {
        self.executable = executable
        self.arguments = arguments
        self.code = code
        self.environment = environment
        self.inputs = inputs
        self.outputs = outputs
        self.readablePaths = readablePaths
        self.mayUseNetwork = mayUseNetwork
        self.limits = limits
    }
}
