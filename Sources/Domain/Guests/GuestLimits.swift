/// What one guest may use.
public struct GuestLimits: Sendable, Hashable {
    /// Resident memory of all its processes together, and address space of each, in bytes.
    public var memoryBytesMax: Int
    /// From start to end, in seconds; then all its processes are killed.
    public var wallSeconds: Double
    /// Processor time of each process, in seconds.
    public var cpuSeconds: Int
    /// Processes and threads at a time.
    public var processesMax: Int
    /// Size of any file that it writes.
    public var fileBytesMax: Int
    public var openFilesMax: Int
    /// How much of the end of each of its two output streams is kept.
    public var outputBytesMax: Int

    /// The defaults suit the conversion of one model: 4 GiB, 5 minutes.
    public init(
        memoryBytesMax: Int = 4 << 30, wallSeconds: Double = 300, cpuSeconds: Int = 600, processesMax: Int = 256,
        fileBytesMax: Int = 2 << 30, openFilesMax: Int = 1024, outputBytesMax: Int = 64 << 10
    ) {
        self.memoryBytesMax = memoryBytesMax
        self.wallSeconds = wallSeconds
        self.cpuSeconds = cpuSeconds
        self.processesMax = processesMax
        self.fileBytesMax = fileBytesMax
        self.openFilesMax = openFilesMax
        self.outputBytesMax = outputBytesMax
    }
}
