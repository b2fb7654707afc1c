/// What is done with values that lie outside what a model knows. Part of the policy.
public struct InputValidation: Sendable, Hashable, Codable {
    /// From the mildest to the strictest.
    public enum Action: String, Sendable, Codable, CaseIterable {
        case accept
        /// Computed as it is, and said so in the answer.
        case flag
        /// Set to the nearest bound, and said so in the answer. A category has no nearest one: it is flagged.
        case clip
        /// Refused with 422.
        case reject
    }

    /// What one feature has of its own; what is left out is the section's, or the reference's.
    public struct Feature: Sendable, Hashable, Codable {
        /// The feature's name in the model's signature.
        public var name: String
        public var action: Action?
        public var missing: Action?
        public var minimum: Double?
        public var maximum: Double?
        /// For categories: the values that are known, as text.
        public var allowed: [String]?
        public var margin: Double?

        public init(
            name: String, action: Action? = nil, missing: Action? = nil, minimum: Double? = nil, maximum: Double? = nil,
            allowed: [String]? = nil, margin: Double? = nil
        ) {
            self.name = name
            self.action = action
            self.missing = missing
            self.minimum = minimum
            self.maximum = maximum
            self.allowed = allowed
            self.margin = margin
        }
    }

    /// What is done with a value outside the bounds of its feature.
    public var action: Action = .flag
    /// What is done with a missing value: NaN, or an empty text. `clip` is not one of the choices.
    public var missing: Action = .accept
    /// Whether bounds that the policy does not give are those of the version's training data.
    public var usesReference = true
    /// How far beyond the training data's minimum and maximum is still accepted, as a share of their distance; 0…1.
    public var margin = 0.0
    public var features: [Feature] = []

    public init() {}

    /// What was said of a feature; the empty entry where nothing was.
    public func feature(_ name: String) -> Feature { features.first { $0.name == name } ?? Feature(name: name) }
}

/// What the values of one feature of one version are held against.
public struct FeatureRule: Sendable, Hashable, Codable {
    /// One of the version's columns.
    public var name: String
    /// For values outside the bounds.
    public var action: InputValidation.Action
    public var missing: InputValidation.Action
    /// Inclusive; nil is no bound.
    public var minimum: Double?
    public var maximum: Double?
    /// nil where categories are not checked.
    public var categories: [String]?

    public init(
        name: String, action: InputValidation.Action, missing: InputValidation.Action, minimum: Double? = nil,
        maximum: Double? = nil, categories: [String]? = nil
    ) {
        self.name = name
        self.action = action
        self.missing = missing
        self.minimum = minimum
        self.maximum = maximum
        self.categories = categories
    }

    /// Whether no value can break it.
    var isIdle: Bool {
        let hasBounds = minimum != nil || maximum != nil || categories != nil
        return missing == .accept && (action == .accept || !hasBounds)
    }
}

/// The rules of one version behind an endpoint.
public struct VersionInputRules: Sendable, Hashable, Codable {
    public var version: Int
    public var rules: [FeatureRule]

    public init(version: Int, rules: [FeatureRule]) {
        self.version = version
        self.rules = rules
    }
}

extension InputValidation {
    /// The rules of a version; features that nothing is asked of have none.
    ///
    /// - Parameters:
    ///   - columns: the version's.
    ///   - reference: the profile of its training data; nil where there is none.
    public func rules(for columns: [FeatureColumn], reference: Profile?) -> [FeatureRule] {
        columns.compactMap { column in
            let own = feature(column.name)
            let profile = usesReference ? reference?.feature(column.name) : nil
            var rule = FeatureRule(
                name: column.name, action: own.action ?? action, missing: own.missing ?? missing,
                minimum: own.minimum, maximum: own.maximum, categories: own.allowed)
            if own.allowed == nil, let profile {
                // Of two bounds the policy may give one.
                let range = profile.range(margin: own.margin ?? margin)
                rule.minimum = rule.minimum ?? range?.lowerBound
                rule.maximum = rule.maximum ?? range?.upperBound
                if own.minimum == nil, own.maximum == nil { rule.categories = profile.allCategories }
            }
            return rule.isIdle ? nil : rule
        }
    }
}

extension FeatureProfile {
    /// nil for categories, and for a feature without a value.
    fileprivate func range(margin: Double) -> ClosedRange<Double>? {
        guard case .numeric = bins, let minimum, let maximum, minimum <= maximum else { return nil }
        let extra = margin * (maximum - minimum)
        let (low, high) = (minimum - extra, maximum + extra)
        // Training data with an infinity has no range.
        return low.isFinite && high.isFinite ? low...high : nil
    }

    /// nil for numbers, and where the profile names only the most frequent: those that it does not name were in the data too.
    fileprivate var allCategories: [String]? {
        guard case .categorical(let categories) = bins, counts.last == 0 else { return nil }
        return categories
    }
}
