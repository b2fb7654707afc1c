/// The port through which readiness measures a version through the data plane itself.
public protocol PerformanceProbe: Sendable {
    /// Sends one-row requests (the version's golden request) through the data plane for about `seconds`.
    ///
    /// - Throws: `failedPrecondition` where the version cannot be served, saying why.
    func measure(_ version: ModelVersionID, seconds: Double) async throws -> PerformanceMeasurement

    /// Repeats the version's golden request and compares with the answer recorded at registration.
    func reproduceGolden(_ version: ModelVersionID) async throws -> GoldenOutcome
}

/// What a probe found.
public struct PerformanceMeasurement: Sendable, Hashable, Codable {
    public var time: Timestamp
    public var requests: Int
    public var p50Milliseconds: Double
    public var p99Milliseconds: Double
    public var requestsPerSecond: Double
    /// Processor time a request, of the whole process while measuring.
    public var cpuMicrosecondsPerRequest: Double
    /// Runtime and processor, for example `onnxruntime 1.31.1, AMD EPYC`.
    public var machine: String

    public init(
        time: Timestamp, requests: Int, p50Milliseconds: Double, p99Milliseconds: Double, requestsPerSecond: Double,
        cpuMicrosecondsPerRequest: Double, machine: String
    ) {
        self.time = time
        self.requests = requests
        self.p50Milliseconds = p50Milliseconds
        self.p99Milliseconds = p99Milliseconds
        self.requestsPerSecond = requestsPerSecond
        self.cpuMicrosecondsPerRequest = cpuMicrosecondsPerRequest
        self.machine = machine
    }
}

/// Whether the golden request gave the golden answer.
public enum GoldenOutcome: Sendable, Hashable, Codable {
    case reproduced
    /// The first difference, as a sentence.
    case differs(String)
    /// Why there is none.
    case missing(String)
}
