internal import Domain
internal import Serving

/// What answers the inference protocols, whoever says what is served.
struct InferenceParts: Sendable {
    let plane: DataPlane
    /// Lists, loads and unloads: a model repository, or the data plane itself where the registry governs.
    let repository: any RepositoryControlling
    /// What principals may ask for in a while.
    let limiter: RequestLimiter
    /// Whether the server is about to stop.
    let draining: Draining
    /// How much memory the bodies of requests may have, by HTTP and gRPC together.
    let bodyBudget: BodyBudget

    var isReady: Bool { repository.isReady && !draining.hasBegun }
}
