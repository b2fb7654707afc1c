public import Domain
internal import Synchronization

/// Keeps the models of another runtime within a budget of memory: beyond it, those that were called longest ago leave, and are read
/// again when they are called.
///
/// The size of a model is that of its files, which is what there is to know before it is loaded. One model alone may be larger than the
/// budget.
public final class BoundedRuntime: Runtime {
    let base: any Runtime
    private let bytesMax: Int64
    private let giveBack: @Sendable () -> Void
    private let state = Mutex(State())
    private let turn = Atomic<UInt64>(0)

    private struct State {
        var seats: [ObjectIdentifier: ModelSeat] = [:]
        var counts = ModelMemoryCounts()

        mutating func add(_ seat: ModelSeat) {
            guard seats.updateValue(seat, forKey: ObjectIdentifier(seat)) == nil else { return }
            counts.models += 1
            counts.bytes += seat.files.bytes
        }

        mutating func remove(_ seat: ModelSeat) {
            guard seats.removeValue(forKey: ObjectIdentifier(seat)) != nil else { return }
            counts.models -= 1
            counts.bytes -= seat.files.bytes
        }

        func oldest(but seat: ModelSeat) -> ModelSeat? {
            seats.values.filter { $0 !== seat }.min { $0.lastTurn < $1.lastTurn }
        }
    }

    /// - Parameter giveBack: called when models have left the memory, to give it back to the system.
    public init(_ base: any Runtime, bytesMax: Int64, giveBack: @escaping @Sendable () -> Void = {}) {
        self.base = base
        self.bytesMax = bytesMax
        self.giveBack = giveBack
    }

    public var identity: String { base.identity }

    public var counts: ModelMemoryCounts { state.withLock { $0.counts } }

    public func load(path: String) throws(MartletError) -> any ExecutableModel {
        let files = try ModelFiles(path: path)
        return RecalledModel(try base.load(path: path), files, in: self)
    }

    /// A number larger than all before.
    func nextTurn() -> UInt64 { turn.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Counts a model that has come into memory, and lets others leave for it.
    func enter(_ seat: ModelSeat, isRecall: Bool) {
        let leaving = state.withLock { state in
            state.add(seat)
            if isRecall { state.counts.recalls += 1 }
            var leaving: [ModelSeat] = []
            while state.counts.bytes > bytesMax, let oldest = state.oldest(but: seat) {
                state.remove(oldest)
                leaving.append(oldest)
            }
            return leaving
        }
        guard !leaving.isEmpty else { return }
        for seat in leaving { seat.model.withLock { $0 = nil } }
        giveBack()
    }

    /// Forgets a model that nobody can call any more.
    func forget(_ seat: ModelSeat) { state.withLock { $0.remove(seat) } }
}

/// Where a model is while it is in memory.
final class ModelSeat: Sendable {
    let files: ModelFiles
    let model: Mutex<(any ExecutableModel)?>
    private let turn: Atomic<UInt64>

    init(_ model: any ExecutableModel, _ files: ModelFiles, turn: UInt64) {
        self.files = files
        self.model = Mutex(model)
        self.turn = Atomic(turn)
    }

    /// When it was last called, among all models.
    var lastTurn: UInt64 { turn.load(ordering: .relaxed) }

    func call(_ turn: UInt64) { self.turn.store(turn, ordering: .relaxed) }
}

/// What of the models is in memory.
public struct ModelMemoryCounts: Sendable, Hashable {
    public var models = 0
    /// Of their files.
    public var bytes: Int64 = 0
    /// How often a model that had left was read again.
    public var recalls = 0

    public init() {}
}
