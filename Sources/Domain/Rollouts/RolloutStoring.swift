/// The port through which the rollout controller keeps rollouts. Every change is one transaction: the rollout, its events,
/// the endpoint's variants, the champion alias and the audit event are there together, or none of them is.
public protocol RolloutStoring: Sendable {
    /// Makes the rollout (and its endpoint, where the model has none yet) and does what `begin` makes of it.
    ///
    /// - Throws: `failedPrecondition` while another rollout of the endpoint is under way, or where the candidate is the
    ///   champion already; `notFound` where there is no such version; what `begin` throws.
    func start(
        _ draft: RolloutDraft, by actor: Principal,
        _ begin: @escaping @Sendable (Rollout) throws -> RolloutTransition
    ) async throws -> Rollout

    /// Reads a rollout, hands it to `change` and stores what comes of it, all in one transaction.
    ///
    /// - Throws: `notFound`; what `change` throws, and then nothing is changed.
    func change(
        _ id: Int64, by actor: Principal, _ change: @escaping @Sendable (Rollout) throws -> RolloutTransition
    ) async throws -> Rollout

    /// - Throws: `notFound`.
    func rollout(_ id: Int64) async throws -> Rollout
    /// Newest first.
    /// - Parameters:
    ///   - endpoint: nil takes those of all endpoints.
    ///   - before: only ids below it, for the next page.
    ///   - limit: 1…1,000.
    func rollouts(endpoint: String?, before: Int64?, limit: Int) async throws -> [Rollout]
    /// Those that are under way, lowest id first.
    func activeRollouts() async throws -> [Rollout]
    /// Oldest first; at most 1,000. Of the evaluations of one step only the newest is kept.
    func events(_ id: Int64) async throws -> [RolloutEvent]
}

/// What a new rollout begins with. The champion is the endpoint's own at that moment.
public struct RolloutDraft: Sendable, Hashable {
    public var candidate: ModelVersionID
    public var plan: RolloutPlan
    public var guardrails: Guardrails
    public var policyVersion: Int
    /// The alias that promotion moves.
    public var championAlias: String

    public init(
        candidate: ModelVersionID, plan: RolloutPlan, guardrails: Guardrails, policyVersion: Int, championAlias: String
    ) {
        self.candidate = candidate
        self.plan = plan
        self.guardrails = guardrails
        self.policyVersion = policyVersion
        self.championAlias = championAlias
    }
}
