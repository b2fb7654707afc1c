public import Domain

/// Everything that readiness is judged on, gathered before the judging so that the judging is pure.
public struct ReadinessFacts: Sendable {
    /// A version's record with the run that made it; the run is nil where none was logged or it is gone.
    public struct Logged: Sendable {
        public var record: VersionRecord
        public var run: RunRecord?

        public init(record: VersionRecord, run: RunRecord?) {
            self.record = record
            self.run = run
        }
    }

    /// A figure, or why there is none.
    public enum Found<Value: Sendable>: Sendable {
        case value(Value)
        case missing(String)
    }

    public var candidate: Logged
    /// nil where the champion alias names no version, or this one.
    public var champion: Logged?
    public var preparation: VersionPreparation?
    public var golden: Found<GoldenOutcome>
    public var measurement: Found<KeptMeasurement>
    public var live: LiveFigures?
    /// All versions of the model's policy, the one in force among them.
    public var policies: [PolicyVersion]

    public init(
        candidate: Logged, champion: Logged?, preparation: VersionPreparation?, golden: Found<GoldenOutcome>,
        measurement: Found<KeptMeasurement>, live: LiveFigures?, policies: [PolicyVersion]
    ) {
        self.candidate = candidate
        self.champion = champion
        self.preparation = preparation
        self.golden = golden
        self.measurement = measurement
        self.live = live
        self.policies = policies
    }
}

/// What live traffic and feedback say of one version: its pilot, its shadow or its canary.
public struct LiveFigures: Sendable, Hashable {
    public struct KPI: Sendable, Hashable {
        public var mean: Double
        public var count: Int
        public init(mean: Double, count: Int) {
            self.mean = mean
            self.count = count
        }
    }
    public var requests: Int
    /// Failures by the server's fault.
    public var errors: Int
    /// Business figures from feedback, by name.
    public var kpis: [String: KPI]

    public init(requests: Int, errors: Int, kpis: [String: KPI]) {
        self.requests = requests
        self.errors = errors
        self.kpis = kpis
    }
}
