/// The data plane's limits. Each is a refusal when reached, never a wait without end.
public struct DataPlaneConfiguration: Sendable {
    /// Requests answered at once; more are refused with 429. Default 1,024: at 1 ms each that is a million a second.
    public var concurrencyMax = 1024
    /// Threads for runs measured as long; default 2.
    public var longRunThreads = 2
    /// Long runs that wait for a thread; more are refused with 429.
    public var longRunsWaitingMax = 256
    /// Shadow copies that wait for their one thread; more are dropped and counted.
    public var shadowsWaitingMax = 256

    public init() {}
}
