internal import Domain
internal import Lifecycle

/// What follows a prediction back and computes it again.
struct PredictionParts: Sendable {
    let tracer: PredictionTracer
    let replayer: any PredictionReplaying
}
