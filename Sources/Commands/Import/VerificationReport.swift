internal import Domain

/// Counts and differences between a source and what was taken over from it.
actor VerificationReport {
    /// Differences told one by one; the counts tell them all.
    static let differencesMax = 200

    enum What: String, CaseIterable {
        case experiments, runs, metricPoints = "metric points", artifacts, artifactBytes = "artifact bytes"
        case loggedModels = "logged models", registeredModels = "registered models", versions, aliases
    }

    private var source: [What: Int64] = [:]
    private var here: [What: Int64] = [:]
    private var different: [What: Int64] = [:]
    private(set) var differences: [String] = []

    func count(_ what: What, source sourceCount: Int64, here hereCount: Int64) {
        source[what, default: 0] += sourceCount
        here[what, default: 0] += hereCount
    }

    func differs(_ what: What, _ sentence: String) {
        different[what, default: 0] += 1
        if differences.count < Self.differencesMax { differences.append(sentence) }
    }

    var differenceCount: Int64 { different.values.reduce(0, +) }

    /// A row for each kind.
    var rows: [JSONValue] {
        What.allCases.map {
            [
                "what": .string($0.rawValue), "source": .int(source[$0] ?? 0), "here": .int(here[$0] ?? 0),
                "different": .int(different[$0] ?? 0),
            ]
        }
    }
}
