internal import Domain

/// What place a run has among those that wait.
struct RunPlace: Sendable {
    /// The model as it was loaded (`LoadedModel.runKey`): what may share a run.
    let model: String
    /// What shares a place in the queue and a share of the threads: the model, or an endpoint with limits of its own.
    var key: String
    /// The smallest goes first.
    var rank = InferenceRequest.defaultPriority
    /// Runs of the key at a time; nil is the runner's.
    var concurrency: Int?
    /// Runs of the key that wait; nil is the runner's.
    var waitingMax: Int?

    init(model: String) {
        self.model = model
        key = model
    }
}

extension Call {
    var place: RunPlace {
        var place = RunPlace(model: model.runKey)
        let priority = request.priority
        place.rank = priority == 0 ? InferenceRequest.defaultPriority : min(priority, InferenceRequest.priorityMax)
        place.concurrency = model.rule?.instances
        // A worker answers one request at a time: the others wait here, and not on threads.
        if model.version.runtime == .python { place.concurrency = 1 }
        guard let endpoint, let limits = endpoint.serving else { return place }
        // All versions of the endpoint share what it may take. A digest has no slash.
        place.key = "endpoint/\(endpoint.name)"
        place.concurrency = limits.concurrency ?? place.concurrency
        place.waitingMax = limits.queue
        return place
    }

    /// Whether its runs are counted, so that none may be made where the request was read.
    var isConcurrencyBound: Bool { endpoint?.serving?.concurrency != nil }
}
