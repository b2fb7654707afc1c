/// That an answer is not of the version that was to give it, and why.
public struct Fallback: Sendable, Hashable {
    public enum Reason: String, Sendable, CaseIterable {
        case modelFailure = "model_failure"
        case deadline
        case circuitOpen = "circuit_open"
        case outputBound = "output_bound"
        /// The version cannot be served.
        case unavailable
        /// A candidate refused values that the champion computes.
        case modelRefusal = "model_refusal"
    }
    public enum Server: String, Sendable, CaseIterable {
        case champion
        /// The champion before the present one.
        case previous
        /// A rule of the policy, without a model.
        case rule
    }

    public var reason: Reason
    public var servedBy: Server

    public init(reason: Reason, servedBy: Server) {
        self.reason = reason
        self.servedBy = servedBy
    }
}
