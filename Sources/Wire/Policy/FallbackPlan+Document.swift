internal import Domain

extension FallbackPlan {
    /// From the checked values of the section.
    init(values: JSONValue) {
        self.init()
        if let value = values["previous"]?.boolValue { usesPrevious = value }
        rules = (values["rules"]?.arrayValue ?? []).map { rule in
            FallbackRule(
                when: rule["when"].map(FallbackRule.Condition.init(values:)),
                answer: (rule["answer"]?.arrayValue ?? []).map { value in
                    FallbackRule.Value(
                        output: value["output"]?.stringValue ?? "",
                        values: value["values"]?.texts ?? [value["value"]?.stringValue ?? ""])
                })
        }
    }

    var document: JSONValue {
        let rules = rules.map { rule in
            JSONValue.present([
                "when": rule.when?.document,
                "answer": .array(
                    rule.answer.map { value in
                        .present([
                            "output": .string(value.output),
                            "value": value.values.count == 1 ? .string(value.values[0]) : nil,
                            "values": value.values.count == 1 ? nil : .texts(value.values),
                        ])
                    }),
            ])
        }
        return ["previous": .bool(usesPrevious), "rules": .array(rules)]
    }
}

extension FallbackRule.Condition {
    fileprivate init(values: JSONValue) {
        self.init(
            feature: values["feature"]?.stringValue ?? "", atLeast: values["at_least"]?.doubleValue,
            atMost: values["at_most"]?.doubleValue, isOneOf: values["is_one_of"]?.texts)
    }

    fileprivate var document: JSONValue {
        .present([
            "feature": .string(feature), "at_least": .number(atLeast), "at_most": .number(atMost),
            "is_one_of": isOneOf.map { .texts($0) },
        ])
    }
}
