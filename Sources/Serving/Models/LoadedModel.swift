internal import Domain
internal import Inference
internal import Synchronization

/// A version in memory, with what running it has taught about its cost.
final class LoadedModel: Sendable {
    let version: ServableVersion
    let model: any ExecutableModel
    /// The time one row took, as a moving average over the last dozen runs; 0 until the first.
    private let nanosecondsPerRow = Atomic<Int64>(0)

    /// Longer runs than this leave the thread that read the request: they would hold up every connection on it.
    static let longRunNanoseconds: Int64 = 200_000

    init(version: ServableVersion, model: any ExecutableModel) {
        self.version = version
        self.model = model
    }

    var metadata: ModelMetadata { model.metadata }

    /// Whether a run of so many rows must be expected to be long.
    func isLong(rows: Int) -> Bool {
        nanosecondsPerRow.load(ordering: .relaxed).multipliedReportingOverflow(by: Int64(rows)).partialValue
            > Self.longRunNanoseconds
    }

    /// Runs the model and learns from the time it takes.
    func run(_ inputs: [Tensor], outputs: [Int]) throws(MartletError) -> [NamedTensor] {
        let start = ContinuousClock.now
        let tensors = try model.run(inputs, outputs: outputs)
        learn(ContinuousClock.now - start, rows: inputs.first?.rows ?? 1)
        return zip(outputs, tensors).map { NamedTensor(name: metadata.outputs[$0].name, tensor: $1) }
    }

    private func learn(_ duration: Duration, rows: Int) {
        let sample = duration.nanoseconds / Int64(max(rows, 1))
        let before = nanosecondsPerRow.load(ordering: .relaxed)
        nanosecondsPerRow.store(before == 0 ? sample : before + (sample - before) / 12, ordering: .relaxed)
    }
}

extension Duration {
    /// Whole nanoseconds; durations of centuries are not for this.
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
