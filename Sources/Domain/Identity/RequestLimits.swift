/// How many predictions a principal may ask for, over all its keys. What is nil has no bound.
public struct RequestLimits: Sendable, Hashable, Codable {
    /// Over time; 0.001…1,000,000.
    public var requestsPerSecond: Double?
    /// Requests at once after a quiet while, 1…1,000,000; nil is as many as a second has, and at least one.
    public var burst: Int?
    /// From midnight to midnight UTC; 0…10^12.
    public var requestsPerDay: Int?

    public init(requestsPerSecond: Double? = nil, burst: Int? = nil, requestsPerDay: Int? = nil) {
        self.requestsPerSecond = requestsPerSecond
        self.burst = burst
        self.requestsPerDay = requestsPerDay
    }

    /// Requests that a bucket holds.
    public var capacity: Double { burst.map(Double.init) ?? max(1, (requestsPerSecond ?? 1).rounded(.up)) }

    /// - Throws: `invalidArgument`, naming the field.
    public func validate() throws(MartletError) {
        if let rate = requestsPerSecond, !(0.001...1e6).contains(rate) {
            throw MartletError.invalid("requests_per_second is from 0.001 to 1000000.", field: "requests_per_second")
        }
        if let burst, !(1...1_000_000).contains(burst) {
            throw MartletError.invalid("burst is from 1 to 1000000.", field: "burst")
        }
        if burst != nil, requestsPerSecond == nil {
            throw MartletError.invalid("A burst needs requests_per_second beside it.", field: "burst")
        }
        if let day = requestsPerDay, !(0...1_000_000_000_000).contains(day) {
            throw MartletError.invalid("requests_per_day is from 0 to 1000000000000.", field: "requests_per_day")
        }
    }

    enum CodingKeys: String, CodingKey {
        case burst
        case requestsPerSecond = "requests_per_second"
        case requestsPerDay = "requests_per_day"
    }
}
