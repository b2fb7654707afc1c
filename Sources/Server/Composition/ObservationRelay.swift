internal import Domain
internal import Synchronization

/// Carries observations to the sinks that watch, which are made after the data plane.
final class ObservationRelay: ObservationSink {
    private let sinks = Mutex<[any ObservationSink]>([])

    /// From now on `sink` gets every observation.
    func attach(_ sink: any ObservationSink) { sinks.withLock { $0.append(sink) } }

    func observe(_ observation: Observation) {
        for sink in sinks.withLock({ $0 }) { sink.observe(observation) }
    }
}
