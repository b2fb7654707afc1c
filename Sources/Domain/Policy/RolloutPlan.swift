/// The steps by which a version takes over its endpoint.
public struct RolloutPlan: Sendable, Hashable, Codable {
    /// One step; after the last the version is promoted to all traffic.
    public struct Step: Sendable, Hashable, Codable {
        /// nil is shadow: copies of requests, answers never leave.
        public var weightPercent: Double?
        /// The least time spent on the step.
        public var durationSeconds: Double
        /// The least number of the candidate's answers before the step may end.
        public var requestsAtLeast: Int

        public init(weightPercent: Double?, durationSeconds: Double, requestsAtLeast: Int) {
            self.weightPercent = weightPercent
            self.durationSeconds = durationSeconds
            self.requestsAtLeast = requestsAtLeast
        }

        public var isShadow: Bool { weightPercent == nil }
    }

    /// Default: shadow 60 s / 100 requests, 10 % 300 s / 200, 50 % 300 s / 500.
    public var steps: [Step] = [
        Step(weightPercent: nil, durationSeconds: 60, requestsAtLeast: 100),
        Step(weightPercent: 10, durationSeconds: 300, requestsAtLeast: 200),
        Step(weightPercent: 50, durationSeconds: 300, requestsAtLeast: 500),
    ]
    /// How often guardrails are judged; a broken one rolls back within one interval.
    public var evaluationIntervalSeconds: Double = 10

    public init() {}
}

/// The live conditions that a rollout needs.
public struct Guardrails: Sendable, Hashable, Codable {
    /// Share of the candidate's requests that failed by the server's fault, 0…1.
    public var errorRateAtMost: Double? = 0.01
    /// Candidate's p99 latency over the champion's, on the same window.
    public var p99RatioToChampionAtMost: Double? = 2
    /// Latency below this, in milliseconds, never breaks the ratio (a doubling of 0.1 ms is noise).
    public var p99FloorMilliseconds: Double = 5
    /// PSI between the candidate's and the champion's predictions over the rollout.
    public var predictionPSIAtMost: Double? = 0.25
    /// Live quality of the candidate against the champion, from feedback: how much worse is accepted.
    public var quality: [QualityGuardrail] = []
    /// Below this number of the candidate's requests nothing is judged (but errors at 100 % are).
    public var requestsAtLeast: Int = 50

    public init() {}
}

/// A metric from feedback that must not fall behind the champion's.
public struct QualityGuardrail: Sendable, Hashable, Codable {
    public var metric: String
    public var worseByAtMost: Double
    public var labelsAtLeast: Int
    public init(metric: String, worseByAtMost: Double, labelsAtLeast: Int) {
        self.metric = metric
        self.worseByAtMost = worseByAtMost
        self.labelsAtLeast = labelsAtLeast
    }
}
