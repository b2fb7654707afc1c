/// The port through which measurements and the last readiness of each version are kept.
public protocol ReadinessKeeping: Sendable {
    /// Returns the measurement's id.
    func save(_ measurement: PerformanceMeasurement, of version: ModelVersionID) async throws -> Int64
    func newestMeasurement(of version: ModelVersionID) async throws -> KeptMeasurement?
    /// Replaces the one before.
    func save(_ report: ReadinessReport) async throws
    /// The last one that was made; nil where none was.
    func lastReport(of version: ModelVersionID) async throws -> ReadinessReport?
}

/// A measurement with the id by which evidence names it.
public struct KeptMeasurement: Sendable, Hashable, Codable {
    public var id: Int64
    public var measurement: PerformanceMeasurement

    public init(id: Int64, measurement: PerformanceMeasurement) {
        self.id = id
        self.measurement = measurement
    }
}
