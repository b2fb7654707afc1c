/// A value of a metric and the run that logged it.
public struct RunMetric: Sendable, Hashable {
    public var runID: String
    public var point: MetricPoint

    public init(runID: String, point: MetricPoint) {
        self.runID = runID
        self.point = point
    }
}
