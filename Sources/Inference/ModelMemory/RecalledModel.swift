internal import Domain
internal import Synchronization

/// A model that may leave the memory between two runs.
final class RecalledModel: ExecutableModel {
    let metadata: ModelMetadata
    let isWorkBoundByShapes: Bool
    private let memory: BoundedRuntime
    private let seat: ModelSeat
    /// Held by who reads the model again, so that those who come meanwhile do not.
    private let recalling = Mutex(())

    init(_ model: any ExecutableModel, _ files: ModelFiles, in memory: BoundedRuntime) {
        metadata = model.metadata
        isWorkBoundByShapes = model.isWorkBoundByShapes
        self.memory = memory
        seat = ModelSeat(model, files, turn: memory.nextTurn())
        memory.enter(seat, isRecall: false)
    }

    deinit { memory.forget(seat) }

    var isAtHand: Bool { seat.model.withLock { $0 != nil } }

    func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
        seat.call(memory.nextTurn())
        let model = if let present = seat.model.withLock({ $0 }) { present } else { try recall() }
        return try model.run(inputs, outputs: outputs, stop: stop)
    }

    /// - Throws: `unavailable` if its files are no longer those that were loaded, or cannot be loaded now.
    private func recall() throws(MartletError) -> any ExecutableModel {
        try recalling.withLock { _ throws(MartletError) in
            if let model = seat.model.withLock({ $0 }) { return model }
            let model = try read()
            seat.model.withLock { $0 = model }
            memory.enter(seat, isRecall: true)
            return model
        }
    }

    private func read() throws(MartletError) -> any ExecutableModel {
        do throws(MartletError) {
            guard try ModelFiles(path: seat.files.path) == seat.files else {
                throw .precondition("Its files have changed since it was loaded. Load it again.")
            }
            return try memory.base.load(path: seat.files.path)
        } catch {
            throw MartletError(
                .unavailable, "The model had left the memory and cannot be read again. \(error.message)", cause: error)
        }
    }
}
