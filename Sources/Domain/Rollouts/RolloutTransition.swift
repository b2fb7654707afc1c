/// What an event made of a rollout: its new state, and what must be done in the same transaction.
public struct RolloutTransition: Sendable, Hashable {
    public var rollout: Rollout
    /// In the order in which they are to be done; empty where nothing changed.
    public var actions: [RolloutAction]

    public init(rollout: Rollout, actions: [RolloutAction]) {
        self.rollout = rollout
        self.actions = actions
    }
}

/// One thing that a rollout does to the world.
public enum RolloutAction: Sendable, Hashable {
    /// The endpoint routes by these from now on.
    case setVariants([Variant])
    /// The champion alias names this version from now on.
    case moveChampion(to: Int)
    case record(RolloutEvent)
}
