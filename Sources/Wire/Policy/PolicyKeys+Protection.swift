/// The keys of what stands between requests, models and answers.
extension PolicyKeys {
    static let missingActions = ["accept", "flag", "reject"]

    static let validation: [PolicyField] = [
        PolicyField(
            "action", .choice(["accept", "flag", "clip", "reject"]),
            "For values out of bounds; clip takes the nearest bound, and flags categories. Default flag."),
        PolicyField("missing", .choice(missingActions), "For missing values. Default accept."),
        PolicyField(
            "reference", .boolean,
            "Whether bounds that are not given here are those of the version's training data. Default true."),
        PolicyField(
            "margin", .share, "Accepted beyond the training data's range, as a share of its width. Default 0%."),
        PolicyField("features", .list(of: validatedFeature, itemsMax: 5000), "What single features have of their own."),
    ]

    static let validatedFeature: [PolicyField] = [
        PolicyField("name", .text(max: 500), required: true, "The feature's name in the model's signature."),
        PolicyField("action", .choice(["accept", "flag", "clip", "reject"]), "In place of the section's."),
        PolicyField("missing", .choice(missingActions), "In place of the section's."),
        PolicyField("minimum", anyNumber, "Least value, in place of the training data's."),
        PolicyField("maximum", anyNumber, "Largest value, in place of the training data's."),
        PolicyField(
            "allowed", .texts(itemsMax: 1000, charactersMax: 250),
            "For categories: the values that are known, in place of the training data's."),
        PolicyField("margin", .share, "In place of the section's."),
    ]

    static let fallback: [PolicyField] = [
        PolicyField(
            "previous", .boolean,
            "Whether the champion before the present one is asked where the champion has no answer. Default false."),
        PolicyField(
            "rules",
            .list(
                of: [
                    PolicyField("when", .section(condition), "What a row must meet; left out, every row does."),
                    PolicyField(
                        "answer", .list(of: fallbackValue, itemsMax: 50), required: true, "What a row is answered."),
                ], itemsMax: 50),
            "What is answered without a model, where no model has an answer: of each row by the first rule that it meets."
        ),
    ]

    static let condition: [PolicyField] = [
        PolicyField("feature", .text(max: 500), required: true, "The feature's name in the model's signature."),
        PolicyField("at_least", anyNumber, "Least value."),
        PolicyField("at_most", anyNumber, "Largest value."),
        PolicyField("is_one_of", .texts(itemsMax: 1000, charactersMax: 250), "For categories."),
    ]

    static let fallbackValue: [PolicyField] = [
        PolicyField("output", name, required: true, "The output tensor's name."),
        PolicyField("value", .text(max: 1000), "For an output of one value a row."),
        PolicyField(
            "values", .texts(itemsMax: 1000, charactersMax: 1000), "For an output of several columns, in order."),
    ]

    static let circuitBreaker: [PolicyField] = [
        PolicyField("enabled", .boolean, "Default true."),
        PolicyField(
            "consecutive_failures", .integer(1...10_000), "Failures in a row after which it opens. Default 10."),
        PolicyField(
            "failure_share", .share, canBeOff: true, "Share of failures within a window at which it opens. Default 50%."
        ),
        PolicyField(
            "requests_at_least", .integer(1...1_000_000),
            "Below this number of requests the share says nothing. Default 20."),
        PolicyField("window", .duration(1...3600), "Length of a window, which begins with a failure. Default 30s."),
        PolicyField("open_for", .duration(0.1...3600), "How long no request reaches the version. Default 5s."),
        PolicyField(
            "probes", .integer(1...1000),
            "Requests, one after the other, that must succeed before all reach it again. Default 3."),
    ]

    static let serving: [PolicyField] = [
        PolicyField(
            "concurrency", .integer(1...1024),
            "Runs of the endpoint's models at a time. Default, and at most, the server's threads for them."),
        PolicyField(
            "queue", .integer(0...100_000), "Requests that wait for a run; more are refused with 429. Default 256."),
        PolicyField(
            "cache", .boolean,
            "Answer equal inputs with the outputs of before, kept in memory; only for models that answer alike. Default false."
        ),
    ]
}
