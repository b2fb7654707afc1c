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
}
