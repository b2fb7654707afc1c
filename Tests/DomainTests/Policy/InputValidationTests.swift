import Domain
import Testing

@Suite("What inputs are held against")
struct InputValidationTests {
    private let columns = ["a", "b", "plant"].enumerated().map { index, name in
        FeatureColumn(name: name, input: "x", index: index, kind: name == "plant" ? .categorical : .numeric)
    }
    private let reference = Profile(
        rows: 10,
        features: [
            FeatureProfile(name: "a", bins: .numeric(edges: [5]), counts: [5, 5], minimum: 0, maximum: 10),
            FeatureProfile(name: "b", bins: .numeric(edges: []), counts: [10], minimum: -.infinity, maximum: 1),
            FeatureProfile(name: "plant", bins: .categorical(categories: ["n", "s"]), counts: [4, 6, 0]),
        ], prediction: nil)

    @Test("without bounds of its own a feature has those of the training data, widened by the margin")
    func fromReference() {
        var validation = InputValidation()
        validation.margin = 0.1
        let rules = validation.rules(for: columns, reference: reference)
        // A range that is not finite is none.
        #expect(
            rules == [
                FeatureRule(name: "a", action: .flag, missing: .accept, minimum: -1, maximum: 11),
                FeatureRule(name: "plant", action: .flag, missing: .accept, categories: ["n", "s"]),
            ])
    }

    @Test("the policy's own bounds take the place of the training data's, one by one")
    func ownBounds() {
        var validation = InputValidation()
        validation.features = [
            .init(name: "a", action: .reject, missing: .reject, minimum: 2),
            .init(name: "plant", allowed: ["n", "s", "w"]),
        ]
        let rules = validation.rules(for: columns, reference: reference)
        #expect(rules.first == FeatureRule(name: "a", action: .reject, missing: .reject, minimum: 2, maximum: 10))
        #expect(rules.last?.categories == ["n", "s", "w"])
        validation.usesReference = false
        #expect(validation.rules(for: columns, reference: reference).first?.maximum == nil)
    }

    @Test("a profile that names only the most frequent categories makes no rule: the others were in the data too")
    func rareCategories() {
        var rare = reference
        rare.features[2].counts = [4, 5, 1]
        #expect(!InputValidation().rules(for: columns, reference: rare).contains { $0.name == "plant" })
    }

    @Test("features that nothing is asked of have no rule")
    func idle() {
        var validation = InputValidation()
        validation.action = .accept
        #expect(validation.rules(for: columns, reference: reference) == [])
        validation.missing = .flag
        #expect(validation.rules(for: columns, reference: nil).map(\.name) == ["a", "b", "plant"])
    }
}
