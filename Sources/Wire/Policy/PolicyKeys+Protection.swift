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
}
