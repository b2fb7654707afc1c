internal import Domain

/// A look into the cache for one call.
struct CacheLookup {
    let outputs: [NamedTensor]?
    private let key: AnswerCache.Key
    private(set) var time: Int64

    /// nil where the call's answers are not cached.
    init?(_ call: Call, _ inputs: [Tensor], in cache: AnswerCache) {
        guard call.isCached else { return nil }
        let start = ContinuousClock.now
        key = AnswerCache.Key(model: call.model.serial, inputs: inputs)
        outputs = cache.answer(to: key)
        time = (ContinuousClock.now - start).nanoseconds
    }

    mutating func keep(_ outputs: [NamedTensor], in cache: AnswerCache) {
        let start = ContinuousClock.now
        cache.keep(outputs, for: key)
        time += (ContinuousClock.now - start).nanoseconds
    }

    var isHit: Bool { outputs != nil }
}

extension Call {
    var isCached: Bool { endpoint?.serving?.cache ?? model.rule?.isCached ?? false }
}
