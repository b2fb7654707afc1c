internal import Domain

/// The way to an OpenLineage endpoint.
protocol OpenLineageSending: Sendable {
    func send(_ event: JSONValue, deadline: Duration) async -> OpenLineageOutcome
}

/// What became of one event.
enum OpenLineageOutcome: Sendable, Hashable {
    case taken
    /// The endpoint will never take it, a sentence.
    case refused(String)
    /// Not now, a sentence.
    case failed(String)
}
