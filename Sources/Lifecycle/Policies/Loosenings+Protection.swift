internal import Domain

extension Loosenings {
    mutating func compare(_ old: InputValidation?, _ new: InputValidation?) {
        guard let old else { return }
        guard let new else { return say("validation is removed.") }
        milder("validation.action", old.action, new.action)
        milder("validation.missing", old.missing, new.missing)
        if old.usesReference, !new.usesReference { say("validation.reference is turned off.") }
        most("validation.margin", old.margin, new.margin)
        for name in Set((old.features + new.features).map(\.name)).sorted() {
            compare("validation.features.\(name)", (old, old.feature(name)), (new, new.feature(name)))
        }
    }

    private mutating func compare(
        _ path: String, _ old: (section: InputValidation, feature: InputValidation.Feature),
        _ new: (section: InputValidation, feature: InputValidation.Feature)
    ) {
        // What both leave to their section has been told of it.
        if old.feature.action != nil || new.feature.action != nil {
            milder(path + ".action", old.feature.action ?? old.section.action, new.feature.action ?? new.section.action)
        }
        if old.feature.missing != nil || new.feature.missing != nil {
            milder(
                path + ".missing", old.feature.missing ?? old.section.missing,
                new.feature.missing ?? new.section.missing)
        }
        if old.feature.margin != nil || new.feature.margin != nil {
            most(
                path + ".margin", old.feature.margin ?? old.section.margin, new.feature.margin ?? new.section.margin)
        }
        given(path, "minimum", old.feature.minimum, new.feature.minimum, isReplaced: old.section.usesReference) {
            $0 < $1
        }
        given(path, "maximum", old.feature.maximum, new.feature.maximum, isReplaced: old.section.usesReference) {
            $0 > $1
        }
        compare(path, old.feature.allowed, new.feature.allowed, isReplaced: old.section.usesReference)
    }

    /// A bound of the policy's own. One in place of the training data's may be wider than that, which only the data would tell.
    private mutating func given(
        _ path: String, _ key: String, _ old: Double?, _ new: Double?, isReplaced: Bool,
        isWider: (Double, Double) -> Bool
    ) {
        switch (old, new) {
        case (nil, nil): break
        case (nil, let new?):
            if isReplaced { say("\(path).\(key) is \(Figures.exact(new)) in place of the training data's.") }
        case (let old?, nil): say("\(path).\(key) is removed; it was \(Figures.exact(old)).")
        case (let old?, let new?):
            if isWider(new, old) {
                say("\(path).\(key) widens from \(Figures.exact(old)) to \(Figures.exact(new)).")
            }
        }
    }

    private mutating func compare(_ path: String, _ old: [String]?, _ new: [String]?, isReplaced: Bool) {
        switch (old, new) {
        case (nil, nil): break
        case (nil, _?): if isReplaced { say("\(path).allowed takes the place of the training data's.") }
        case (_?, nil): say("\(path).allowed is removed.")
        case (let old?, let new?):
            let added = Set(new).subtracting(old).sorted()
            if !added.isEmpty { say("\(path).allowed adds \(added.joined(separator: ", ")).") }
        }
    }

    private mutating func milder(_ path: String, _ old: InputValidation.Action, _ new: InputValidation.Action) {
        let order = InputValidation.Action.allCases
        guard let before = order.firstIndex(of: old), let now = order.firstIndex(of: new), now < before else { return }
        say("\(path) changes from \(old.rawValue) to \(new.rawValue).")
    }

    /// A rule answers where there would have been an error, without a model that anybody approved.
    mutating func compare(_ old: FallbackPlan?, _ new: FallbackPlan?) {
        let (before, now) = (old?.rules ?? [], new?.rules ?? [])
        if !now.isEmpty, before != now { say("fallback.rules changes what is answered without a model.") }
    }
}
