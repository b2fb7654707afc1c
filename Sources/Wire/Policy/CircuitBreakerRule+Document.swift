internal import Domain

extension CircuitBreakerRule {
    /// From the checked values of the section.
    init(values: JSONValue) {
        self.init()
        if let value = values["enabled"]?.boolValue { isEnabled = value }
        if let value = values["consecutive_failures"]?.int { consecutiveFailures = value }
        // `off` (null) and absent differ.
        if let value = values["failure_share"] { failureShare = value.doubleValue }
        if let value = values["requests_at_least"]?.int { requestsAtLeast = value }
        if let value = values["window"]?.doubleValue { windowSeconds = value }
        if let value = values["open_for"]?.doubleValue { openSeconds = value }
        if let value = values["probes"]?.int { probes = value }
    }

    var document: JSONValue {
        [
            "enabled": .bool(isEnabled), "consecutive_failures": .int(Int64(consecutiveFailures)),
            "failure_share": .number(failureShare) ?? .null, "requests_at_least": .int(Int64(requestsAtLeast)),
            "window": .duration(windowSeconds), "open_for": .duration(openSeconds), "probes": .int(Int64(probes)),
        ]
    }
}
