internal import Domain
internal import Synchronization

/// What is served now: replaced as a whole, read by every request.
final class EndpointTable: Sendable {
    /// One snapshot with its models. Never changed once made.
    final class Routes: Sendable {
        let generation: Int64
        let endpoints: [String: ServedEndpoint]
        let models: [ModelVersionID: LoadedModel]
        /// Why versions that the snapshot names cannot be served.
        let failures: [ModelVersionID: MartletError]
        /// Whether rollouts and monitors judge by the traffic. Where nobody does, requests that name a version are observed, too.
        let isGoverned: Bool

        init(
            generation: Int64, endpoints: [Endpoint], models: [ModelVersionID: LoadedModel],
            failures: [ModelVersionID: MartletError], isGoverned: Bool = true
        ) {
            self.generation = generation
            self.endpoints = Dictionary(
                endpoints.map { ($0.name, ServedEndpoint($0, models: models)) }, uniquingKeysWith: { $1 })
            self.models = models
            self.failures = failures
            self.isGoverned = isGoverned
        }
    }

    private let routes = Mutex<Routes?>(nil)

    /// nil until the first snapshot.
    var current: Routes? { routes.withLock { $0 } }

    /// Puts new routes in place; older ones than the present are ignored.
    func replace(with new: Routes) {
        routes.withLock { present in
            if let present, present.generation > new.generation { return }
            present = new
        }
    }
}
