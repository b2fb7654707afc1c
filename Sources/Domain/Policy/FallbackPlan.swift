/// What answers where a model that should has no answer. Part of the policy.
///
/// A candidate is always stood in for by the champion. What follows is for the champion, and for a candidate whose champion has no
/// answer either.
public struct FallbackPlan: Sendable, Hashable, Codable {
    /// Whether the champion before the present one is asked.
    public var usesPrevious = false
    /// What is answered without a model: of each row by the first rule whose condition it meets.
    public var rules: [FallbackRule] = []

    public init() {}
}

/// One answer without a model.
public struct FallbackRule: Sendable, Hashable, Codable {
    /// What a row must meet: every part that is there.
    public struct Condition: Sendable, Hashable, Codable {
        /// Its name in the model's signature. A row without its value meets no condition on it.
        public var feature: String
        public var atLeast: Double?
        public var atMost: Double?
        /// For categories, as text.
        public var isOneOf: [String]?

        public init(feature: String, atLeast: Double? = nil, atMost: Double? = nil, isOneOf: [String]? = nil) {
            self.feature = feature
            self.atLeast = atLeast
            self.atMost = atMost
            self.isOneOf = isOneOf
        }
    }

    /// What one output holds of a row.
    public struct Value: Sendable, Hashable, Codable {
        /// The output tensor's name.
        public var output: String
        /// As text; several for an output with several columns.
        public var values: [String]

        public init(output: String, values: [String]) {
            self.output = output
            self.values = values
        }
    }

    /// nil is met by every row.
    public var when: Condition?
    public var answer: [Value]

    public init(when: Condition? = nil, answer: [Value]) {
        self.when = when
        self.answer = answer
    }
}
