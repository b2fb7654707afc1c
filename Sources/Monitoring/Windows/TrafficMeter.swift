import Domain
public import ServiceLifecycle

/// Counts the traffic of a server that keeps no windows: for `/metrics` alone.
public actor TrafficMeter: Service {
    /// How often the tap's buffer is emptied.
    static let drainInterval = Duration.milliseconds(250)

    private let sink: WindowAccumulator
    private var totals = TrafficTotals()

    public init(sink: WindowAccumulator) {
        self.sink = sink
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            // Sleeping throws only when the task is cancelled: then nobody asks any more.
            while (try? await Task.sleep(for: Self.drainInterval)) != nil { await self.count() }
        }
    }

    /// Traffic since the process began, up to this moment.
    public func traffic() -> TrafficTotals {
        count()
        return totals
    }

    /// Observations lost for want of room.
    public nonisolated var droppedCount: Int { sink.droppedCount }

    private func count() {
        for stripe in 0..<WindowAccumulator.stripeCount {
            for observation in sink.drain(stripe) { totals.add(observation) }
        }
    }
}
