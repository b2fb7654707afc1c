internal import Domain

/// An endpoint of one snapshot with the models of its variants, shared by all of its requests: an object, so that a request takes hold of
/// it once and not of each of its parts.
final class ServedEndpoint: Sendable {
    let value: Endpoint
    let champion: Variant?
    /// The variant of every request; nil where the split chooses.
    let soleVariant: Variant?
    let hasShadows: Bool
    private let models: [(version: Int, model: LoadedModel)]
    /// What the values of requests are held against, of each version that has rules.
    private let inputRules: [(version: Int, rules: InputRules)]

    init(_ endpoint: Endpoint, models: [ModelVersionID: LoadedModel]) {
        value = endpoint
        champion = endpoint.champion
        let answering = endpoint.variants.filter { $0.role != .shadow }
        soleVariant = answering.count == 1 && answering[0].role == .champion ? answering[0] : nil
        hasShadows = answering.count < endpoint.variants.count
        self.models = endpoint.variants.compactMap { variant in
            models[ModelVersionID(model: endpoint.name, version: variant.version)].map { (variant.version, $0) }
        }
        inputRules = (endpoint.inputRules ?? []).compactMap { entry in
            let model = models[ModelVersionID(model: endpoint.name, version: entry.version)]
            return model.flatMap {
                InputRules(entry.rules, columns: $0.version.columns, metadata: $0.metadata)
            }.map { (entry.version, $0) }
        }
    }

    var id: Int64 { value.id }
    var name: String { value.name }
    var variants: [Variant] { value.variants }
    var policyVersion: Int? { value.policyVersion }
    var record: RecordRule { value.record }
    var outputBounds: [OutputBound] { value.outputBounds }
    var batching: BatchingRule? { value.batching }
    var serving: ServingLimits? { value.serving }
    var circuitBreaker: CircuitBreakerRule? { value.circuitBreaker }
    var fallback: FallbackPlan? { value.fallback }
    var previousChampion: Int? { value.previousChampion }
    var rolloutID: Int64? { value.rolloutID }
    var rolloutStep: Int? { value.rolloutStep }

    /// nil where the policy asks nothing of the values.
    func inputRules(_ model: LoadedModel) -> InputRules? {
        for entry in inputRules where entry.version == model.version.id.version { return entry.rules }
        return nil
    }

    /// The model of a variant; nil for other versions, and for those that cannot be served.
    func model(_ version: Int) -> LoadedModel? {
        for entry in models where entry.version == version { return entry.model }
        return nil
    }
}
