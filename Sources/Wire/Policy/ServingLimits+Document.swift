internal import Domain

extension ServingLimits {
    /// From the checked values of the section.
    init(values: JSONValue) {
        self.init()
        concurrency = values["concurrency"]?.int
        queue = values["queue"]?.int
        cache = values["cache"]?.boolValue
    }

    var document: JSONValue {
        .present([
            "concurrency": concurrency.map { .int(Int64($0)) }, "queue": queue.map { .int(Int64($0)) },
            "cache": cache.map { .bool($0) },
        ])
    }
}
