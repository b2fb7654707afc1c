internal import Domain

extension InputValidation {
    /// From the checked values of the section.
    init(values: JSONValue) {
        self.init()
        if let value = Action(values["action"]) { action = value }
        if let value = Action(values["missing"]) { missing = value }
        if let value = values["reference"]?.boolValue { usesReference = value }
        if let value = values["margin"]?.doubleValue { margin = value }
        features = (values["features"]?.arrayValue ?? []).map { item in
            Feature(
                name: item["name"]?.stringValue ?? "", action: Action(item["action"]), missing: Action(item["missing"]),
                minimum: item["minimum"]?.doubleValue, maximum: item["maximum"]?.doubleValue,
                allowed: item["allowed"]?.texts, margin: item["margin"]?.doubleValue)
        }
    }

    var document: JSONValue {
        let features = features.map { feature in
            JSONValue.present([
                "name": .string(feature.name), "action": feature.action.map { .string($0.rawValue) },
                "missing": feature.missing.map { .string($0.rawValue) }, "minimum": .number(feature.minimum),
                "maximum": .number(feature.maximum), "allowed": feature.allowed.map { .texts($0) },
                "margin": .number(feature.margin),
            ])
        }
        return [
            "action": .string(action.rawValue), "missing": .string(missing.rawValue), "reference": .bool(usesReference),
            "margin": .double(margin), "features": .array(features),
        ]
    }
}

extension InputValidation.Action {
    fileprivate init?(_ value: JSONValue?) {
        guard let text = value?.stringValue else { return nil }
        self.init(rawValue: text)
    }
}
