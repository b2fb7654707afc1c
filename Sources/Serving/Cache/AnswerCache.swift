internal import Domain
internal import Synchronization

/// Outputs of models by their inputs, for endpoints whose policy asks for it: the same inputs are not computed twice.
///
/// Inputs are compared byte by byte, never by a digest alone. Kept are two generations: what is used moves to the young one, and when that would be
/// more than half of the budget the old one is forgotten. So what was not used for that long goes, without a list to keep in order.
final class AnswerCache: Sendable {
    struct Key: Hashable, Sendable {
        /// Of the model as it was loaded: another configuration of the same file answers in another way.
        let model: UInt64
        let inputs: [Tensor]

        func hash(into hasher: inout Hasher) {
            hasher.combine(model)
            for input in inputs {
                hasher.combine(input.shape)
                input.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
            }
        }

        fileprivate var bytes: Int { inputs.reduce(0) { $0 + AnswerCache.bytes($1) } }
    }

    private struct Generation {
        var answers: [Key: [NamedTensor]] = [:]
        var bytes = 0
    }
    private struct State {
        var young = Generation()
        var old = Generation()
    }

    /// What an entry takes beside its numbers.
    private static let entryBytes = 512
    /// One answer may take so large a part of the budget.
    private static let partMax = 16

    let bytesMax: Int
    private let state = Mutex(State())

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// What was kept; nil if it was not, or not for long.
    func answer(to key: Key) -> [NamedTensor]? {
        state.withLock { state in
            if let answer = state.young.answers[key] { return answer }
            guard let answer = state.old.answers[key] else { return nil }
            insert(answer, key, &state)
            return answer
        }
    }

    func keep(_ answer: [NamedTensor], for key: Key) {
        guard Self.bytes(answer, key) <= bytesMax / Self.partMax else { return }
        state.withLock { insert(answer, key, &$0) }
    }

    /// Bytes of all that is kept.
    var bytes: Int { state.withLock { $0.young.bytes + $0.old.bytes } }

    private func insert(_ answer: [NamedTensor], _ key: Key, _ state: inout State) {
        let bytes = Self.bytes(answer, key)
        if state.young.bytes + bytes > bytesMax / 2 {
            state.old = state.young
            state.young = Generation()
        }
        if state.young.answers.updateValue(answer, forKey: key) == nil { state.young.bytes += bytes }
    }

    private static func bytes(_ answer: [NamedTensor], _ key: Key) -> Int {
        answer.reduce(key.bytes + entryBytes) { $0 + bytes($1.tensor) }
    }

    private static func bytes(_ tensor: Tensor) -> Int {
        tensor.bytes.count + tensor.offsets.count * MemoryLayout<Int>.size
    }
}
