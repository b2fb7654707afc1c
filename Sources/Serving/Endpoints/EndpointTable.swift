internal import Domain
internal import Synchronization

/// What is served now: replaced as a whole, read by every request.
final class EndpointTable: Sendable {
    /// One snapshot with its models. Never changed once made.
    final class Routes: Sendable {
        let generation: Int64
        let endpoints: [String: Endpoint]
        let models: [ModelVersionID: LoadedModel]
        /// Why versions that the snapshot names cannot be served.
        let failures: [ModelVersionID: MartletError]
        private let inputRules: [ModelVersionID: InputRules]

        init(
            generation: Int64, endpoints: [String: Endpoint], models: [ModelVersionID: LoadedModel],
            failures: [ModelVersionID: MartletError]
        ) {
            self.generation = generation
            // Compiled below: every call carries its endpoint, and need not carry these.
            self.endpoints = endpoints.mapValues { endpoint in
                var endpoint = endpoint
                endpoint.inputRules = nil
                return endpoint
            }
            self.models = models
            self.failures = failures
            inputRules = Self.inputRules(Array(endpoints.values), models)
        }

        /// What the values of a version's requests are held against.
        func rules(_ id: ModelVersionID) -> InputRules? { inputRules.isEmpty ? nil : inputRules[id] }
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
