internal import Domain
internal import Inference
internal import Synchronization

/// A version in memory.
final class LoadedModel: Sendable {
    let version: ServableVersion
    let model: any ExecutableModel
    let metadata: ModelMetadata
    private let runtime: String
    /// How many of the version's columns each input holds; 0 where none is known.
    let columnCounts: [Int]
    /// Whether the first dimension of every input and output is the rows, so that requests may share a run.
    let isInRows: Bool
    private let outputPlaces: [Int]
    /// nil where the work of a run depends on more than the shapes of its inputs.
    let brief: BriefRuns?
    let tally: ModelTally
    let layout: ObservationLayout
    /// How its runs are to be made up, where a model repository says so: what runs models reads it here. nil is as the server has it.
    let rule: ServingRule?
    let circuit = CircuitBreaker()
    /// No other that this process has loaded has it.
    let serial = LoadedModel.serials.wrappingAdd(1, ordering: .relaxed).newValue
    private static let serials = Atomic<UInt64>(0)
    /// What may share a run, and shares a place in the queue: not the file, of which another configuration answers otherwise.
    let runKey: String

    /// - Parameter runtime: identity of what computes it.
    init(version: ServableVersion, model: any ExecutableModel, runtime: String, rule: ServingRule? = nil) {
        self.version = version
        self.model = model
        runKey = "model/\(serial)"
        self.runtime = runtime
        self.rule = rule
        let metadata = model.metadata
        self.metadata = metadata
        columnCounts = metadata.inputs.map { input in version.columns.count { $0.input == input.name } }
        isInRows =
            !metadata.inputs.isEmpty && (metadata.inputs + metadata.outputs).allSatisfy { $0.shape.first == -1 }
        outputPlaces = Array(metadata.outputs.indices)
        tally = ModelTally(version.id)
        layout = ObservationLayout(version)
        // With the rows alone to vary, a request of fewer elements is less work.
        let isSizedByRows = metadata.inputs.allSatisfy { !$0.shape.dropFirst().contains(-1) }
        brief = model.isWorkBoundByShapes && isSizedByRows ? BriefRuns() : nil
    }

    /// Two equal texts give bit-for-bit equal answers.
    var runtimeIdentity: String { model.runtimeIdentity ?? runtime }

    /// What it has answered since it was loaded.
    var statistics: ServedModelStatistics {
        var statistics = tally.statistics
        statistics.circuit = circuit.statistics
        return statistics
    }

    /// The elements of all inputs; text counts by its bytes.
    static func elements(_ inputs: [Tensor]) -> Int {
        inputs.reduce(0) { $0 + elements($1) }
    }

    static func elements(_ input: Tensor) -> Int {
        input.datatype == .bytes ? input.bytes.count : input.elementCount
    }

    /// Of an output that holds no element.
    private static let emptyRowsMax = 1 << 20

    /// All outputs. A refusal of the values is marked as the model's.
    func run(_ inputs: [Tensor], _ stop: RunStop) throws(MartletError) -> [NamedTensor] {
        let tensors: [Tensor]
        do { tensors = try model.run(inputs, outputs: outputPlaces, stop: stop) } catch {
            guard error.code == .invalidArgument else { throw error }
            throw MartletError(.invalidArgument, error.message, cause: ModelRefusal(cause: error.cause))
        }
        var outputs: [NamedTensor] = []
        outputs.reserveCapacity(tensors.count)
        for place in tensors.indices {
            // Nothing in many rows takes no memory, and for ever to go through.
            guard tensors[place].elementCount > 0 || tensors[place].shape.allSatisfy({ $0 <= Self.emptyRowsMax }) else {
                throw MartletError(
                    .internal,
                    "The model gave its output \"\(metadata.outputs[place].name)\" the shape \(tensors[place].shape), which holds nothing."
                )
            }
            outputs.append(NamedTensor(name: metadata.outputs[place].name, tensor: tensors[place]))
        }
        return outputs
    }
}

/// Marks values that fit the signature and that the model itself refuses.
struct ModelRefusal: Error {
    let cause: (any Error)?
}

extension MartletError {
    var isModelRefusal: Bool { cause is ModelRefusal }
}

extension Duration {
    /// Whole nanoseconds; durations of centuries are not for this.
    var nanoseconds: Int64 {
        // Up to nine seconds, as nearly all are, without the division of a larger integer, which every request would pay several times.
        if let few = Int64(exactly: attoseconds) { return few / 1_000_000_000 }
        return components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
