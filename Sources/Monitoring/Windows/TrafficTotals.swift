public import Domain
import Statistics

/// Traffic of each version since the process began: what `/metrics` tells.
public struct TrafficTotals: Sendable {
    public struct Key: Hashable, Sendable {
        public var endpoint: String
        public var version: Int
        public var role: Variant.Role
    }

    public struct Totals: Sendable {
        public var succeeded = 0
        /// Failures by the server's fault.
        public var errors = 0
        /// Failures by the caller's fault.
        public var rejected = 0
        public var rows = 0
        var latency = LogHistogram()
        public var latencySumSeconds = 0.0

        fileprivate mutating func add(_ observation: Observation) {
            switch observation.failure {
            case nil:
                succeeded += 1
                rows += observation.rows
                latency.insert(nanoseconds: observation.latencyNanoseconds)
                latencySumSeconds += Double(observation.latencyNanoseconds) / 1e9
            case .internal, .unavailable, .deadlineExceeded: errors += 1
            default: rejected += 1
            }
        }

        /// Successes at or below each bound, in seconds, ascending: doublings from 64 µs to 16.8 s.
        public var latencyBuckets: [(upperBound: Double, count: Int)] {
            (6...24).map { octave in
                let end = octave * LogHistogram.subBuckets
                let count = latency.counts.reduce(0) { $1.key < end ? $0 + $1.value : $0 }
                return (Double(UInt64(1) << UInt64(octave)) / 1e6, count)
            }
        }
    }

    /// What validation did with values of one feature.
    public struct FlagKey: Hashable, Sendable {
        public var endpoint: String
        public var version: Int
        public var feature: String
        public var reason: InputFlag.Reason
        public var outcome: InputFlag.Outcome
    }

    /// Versions with series of their own: more would burden whoever scrapes. Later ones count under version 0.
    static let seriesMax = 1_000

    public private(set) var totals: [Key: Totals] = [:]
    /// Rows with a value that validation flagged, clipped or rejected. Beyond `seriesMax` they count under the feature `other`.
    public private(set) var inputFlags: [FlagKey: Int] = [:]

    public init() {}

    mutating func add(_ observation: Observation) {
        var key = Key(endpoint: observation.endpoint, version: observation.version, role: observation.role)
        if totals.count >= Self.seriesMax, totals[key] == nil {
            key = Key(endpoint: "other", version: 0, role: .champion)
        }
        totals[key, default: Totals()].add(observation)
        for flag in observation.inputFlags { add(flag, of: observation) }
    }

    private mutating func add(_ flag: InputFlag, of observation: Observation) {
        var key = FlagKey(
            endpoint: observation.endpoint, version: observation.version, feature: flag.feature, reason: flag.reason,
            outcome: flag.outcome)
        if inputFlags[key] == nil, inputFlags.count >= Self.seriesMax {
            key = FlagKey(endpoint: "other", version: 0, feature: "other", reason: flag.reason, outcome: flag.outcome)
        }
        inputFlags[key, default: 0] += flag.rows
    }
}
