/// One request for predictions, whatever protocol it came by.
public struct InferenceRequest: Sendable, Hashable {
    /// The caller's own id, echoed in the answer.
    public var id: String?
    /// The caller's own key for this request: it sticks to one variant, and feedback may name it.
    public var businessKey: String?
    public var inputs: [NamedTensor]
    /// The outputs wanted; nil is all.
    public var outputs: [String]?
    /// Outputs that are wanted as classes, each with how many of the largest values of a row: they are answered as BYTES
    /// `value:index[:label]`.
    public var classifications: [String: Int]
    /// How long the caller waits, from when the data plane has the request; nil is as long as the server allows, and more than that
    /// is no more.
    public var timeout: Duration?
    /// Who goes first of requests that wait for a run: 1 before all others, larger numbers later; 0 is `defaultPriority`.
    public var priority: Int

    /// What 0 stands for.
    public static let defaultPriority = 5
    /// Larger numbers are this one.
    public static let priorityMax = 9

    public init(
        id: String? = nil, businessKey: String? = nil, inputs: [NamedTensor], outputs: [String]? = nil,
        classifications: [String: Int] = [:], timeout: Duration? = nil, priority: Int = 0
    ) {
        self.id = id
        self.businessKey = businessKey
        self.inputs = inputs
        self.outputs = outputs
        self.classifications = classifications
        self.timeout = timeout
        self.priority = priority
    }
}

/// The answer to one request.
public struct InferenceResponse: Sendable, Hashable {
    public var model: String
    /// 0 where no model has answered but a rule of the policy.
    public var version: Int
    public var id: String?
    public var predictionID: PredictionID
    public var outputs: [NamedTensor]
    /// What the policy's validation found in the request; empty where all is well.
    public var inputFlags: [InputFlag]
    /// nil where the version that was to answer has.
    public var fallback: Fallback?

    public init(
        model: String, version: Int, id: String?, predictionID: PredictionID, outputs: [NamedTensor],
        inputFlags: [InputFlag] = [], fallback: Fallback? = nil
    ) {
        self.model = model
        self.version = version
        self.id = id
        self.predictionID = predictionID
        self.outputs = outputs
        self.inputFlags = inputFlags
        self.fallback = fallback
    }
}

/// What a served version says of itself.
public struct ServedModelMetadata: Sendable, Hashable {
    public var name: String
    /// Versions that can be called now, ascending.
    public var versions: [Int]
    public var platform: String
    public var inputs: [TensorSpec]
    public var outputs: [TensorSpec]
    /// The version that this is said of.
    public var version: Int
    /// The output that holds the predicted class or number of each row.
    public var predictionOutput: String
    /// How it is configured in a model repository; nil where nothing is.
    public var rule: ServingRule?

    public init(
        name: String, versions: [Int], platform: String, inputs: [TensorSpec], outputs: [TensorSpec], version: Int,
        predictionOutput: String, rule: ServingRule? = nil
    ) {
        self.name = name
        self.versions = versions
        self.platform = platform
        self.inputs = inputs
        self.outputs = outputs
        self.version = version
        self.predictionOutput = predictionOutput
        self.rule = rule
    }

    /// Rows of one request at most, as clients are told; 0 where the first dimensions are no rows.
    ///
    /// - Parameter default: where nothing is configured and the first dimension of every input and output is open.
    public func batchSizeMax(unlessConfigured default: Int) -> Int {
        if let rule { return rule.maxRows ?? 0 }
        return (inputs + outputs).allSatisfy { $0.shape.first == -1 } ? `default` : 0
    }
}
