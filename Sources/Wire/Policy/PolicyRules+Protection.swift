internal import Domain

extension PolicyRules {
    static func validation(_ section: JSONValue?, _ reader: inout PolicyReader) {
        unique(section?["features"], keys: ["name"], "validation.features", &reader)
        for (index, feature) in items(section?["features"]) {
            let path = "validation.features[\(index)]"
            if let low = feature["minimum"]?.doubleValue, let high = feature["maximum"]?.doubleValue, low > high {
                reader.report(path + ".minimum", "must not be above maximum.")
            }
            guard feature["allowed"] != nil else { continue }
            if feature["minimum"] != nil || feature["maximum"] != nil {
                reader.report(path + ".allowed", "is for categories, and minimum and maximum are for numbers.")
            }
            if feature["action"]?.stringValue == "clip" {
                reader.report(path + ".action", "must be accept, flag or reject: a category has no nearest one.")
            }
        }
    }

    /// Rules of one plan answer the same outputs, as many values each, and only the last has no condition.
    static func fallback(_ section: JSONValue?, _ reader: inout PolicyReader) {
        let rules = section?["rules"]?.arrayValue ?? []
        let first = rules.first.map { shape($0) }
        for (index, rule) in rules.enumerated() {
            let path = "fallback.rules[\(index)]"
            if let condition = rule["when"] {
                bounds(condition, others: ["is_one_of"], path + ".when", &reader)
            } else if index < rules.count - 1 {
                reader.report(path, "has no when, so every row meets it and the rules below are never asked.")
            }
            answer(rule["answer"], path + ".answer", &reader)
            if shape(rule) != first {
                reader.report(path + ".answer", "must have the outputs of the first rule, with as many values each.")
            }
        }
    }

    private static func answer(_ list: JSONValue?, _ path: String, _ reader: inout PolicyReader) {
        if list?.arrayValue?.isEmpty == true { reader.report(path, "must name an output.") }
        unique(list, keys: ["output"], path, &reader)
        for (index, value) in items(list) {
            let isOne = value["value"] != nil
            let isSeveral = value["values"]?.arrayValue?.isEmpty == false
            if isOne == isSeveral { reader.report("\(path)[\(index)]", "must have either a value or values.") }
        }
    }

    private static func shape(_ rule: JSONValue) -> [String: Int] {
        Dictionary(
            items(rule["answer"]).map { ($1["output"]?.stringValue ?? "", $1["values"]?.arrayValue?.count ?? 1) },
            uniquingKeysWith: { first, _ in first })
    }
}
