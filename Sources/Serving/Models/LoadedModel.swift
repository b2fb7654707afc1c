internal import Domain
internal import Inference

/// A version in memory.
final class LoadedModel: Sendable {
    let version: ServableVersion
    let model: any ExecutableModel
    /// nil where the work of a run depends on more than the shapes of its inputs.
    let brief: BriefRuns?

    init(version: ServableVersion, model: any ExecutableModel) {
        self.version = version
        self.model = model
        // With the rows alone to vary, a request of fewer elements is less work.
        let isSizedByRows = model.metadata.inputs.allSatisfy { !$0.shape.dropFirst().contains(-1) }
        brief = model.isWorkBoundByShapes && isSizedByRows ? BriefRuns() : nil
    }

    /// The elements of all inputs; text counts by its bytes.
    static func elements(_ inputs: [Tensor]) -> Int {
        inputs.reduce(0) { $0 + elements($1) }
    }

    static func elements(_ input: Tensor) -> Int {
        input.datatype == .bytes ? input.bytes.count : input.elementCount
    }

    var metadata: ModelMetadata { model.metadata }

    /// All outputs. A refusal of the values is marked as the model's.
    func run(_ inputs: [Tensor], _ stop: RunStop) throws(MartletError) -> [NamedTensor] {
        let tensors: [Tensor]
        do { tensors = try model.run(inputs, outputs: Array(metadata.outputs.indices), stop: stop) } catch {
            guard error.code == .invalidArgument else { throw error }
            throw MartletError(.invalidArgument, error.message, cause: ModelRefusal(cause: error.cause))
        }
        return zip(metadata.outputs, tensors).map { NamedTensor(name: $0.name, tensor: $1) }
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
    var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
