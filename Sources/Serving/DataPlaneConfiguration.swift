internal import Foundation

/// The data plane's limits. Each is a refusal when reached, never a wait without end.
public struct DataPlaneConfiguration: Sendable {
    /// Requests answered at once; more are refused with 429. Default 1,024: at 1 ms each that is a million a second.
    public var concurrencyMax = 1024
    /// Threads that run models, slow runs apart; also the runs of one model at a time. Default 2, or one a processor if there are more.
    public var runThreads = max(2, ProcessInfo.processInfo.activeProcessorCount)
    /// Runs of one model that wait for a thread; more are refused with 429.
    public var runsWaitingMax = 256
    /// Seconds from a request to the end of its run, waiting included; then it is answered with 504. Default 10: far more than models of
    /// tables take, and less than a server has to drain.
    public var runSecondsMax = 10.0
    /// Shadow copies of one model that wait for their thread; more are dropped and counted.
    public var shadowsWaitingMax = 256

    /// Bytes of all cached answers with their inputs. Default 64 MiB: some hundred thousand of tables' rows.
    public var answerCacheBytesMax = 64 << 20

    public init() {}
}
