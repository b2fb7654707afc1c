/// The port through which other rooms read the endpoints as they are kept.
public protocol EndpointReading: Sendable {
    /// All endpoints in one consistent reading, names ascending.
    func endpointList() async throws -> EndpointList
    /// - Throws: `notFound`.
    func endpoint(_ name: String) async throws -> Endpoint
}

/// All endpoints at one moment.
public struct EndpointList: Sendable, Hashable {
    /// Grows with every change of any endpoint.
    public var generation: Int64
    public var endpoints: [Endpoint]
    /// The champions before the present ones, kept loaded so that the way back is short.
    public var previousChampions: [ModelVersionID]

    public init(generation: Int64, endpoints: [Endpoint], previousChampions: [ModelVersionID]) {
        self.generation = generation
        self.endpoints = endpoints
        self.previousChampions = previousChampions
    }
}
