internal import Domain

/// The rules that look at more than one key.
enum PolicyRules {
    static func check(_ values: [String: JSONValue], _ reader: inout PolicyReader) {
        let criteria = values["criteria"]
        for (index, metric) in items(criteria?["metrics"]) {
            bounds(metric, others: ["against_champion"], "criteria.metrics[\(index)]", &reader)
        }
        for (index, kpi) in items(criteria?["kpis"]) { bounds(kpi, "criteria.kpis[\(index)]", &reader) }
        for (index, monitor) in items(values["monitors"]?["quality"]) {
            bounds(monitor, "monitors.quality[\(index)]", &reader)
        }
        unique(criteria?["metrics"], keys: ["metric", "dataset"], "criteria.metrics", &reader)
        unique(criteria?["kpis"], keys: ["name"], "criteria.kpis", &reader)
        outputBounds(values["output_bounds"], &reader)
        validation(values["validation"], &reader)
        fallback(values["fallback"], &reader)
        steps(values["rollout"]?["steps"], &reader)
        for (index, url) in items(values["alerts"]?["webhooks"]) {
            let text = url.stringValue ?? ""
            if !text.hasPrefix("http://") && !text.hasPrefix("https://") {
                reader.report("alerts.webhooks", "entry \(index + 1) must be an http or https URL.")
            }
        }
        if let command = values["retraining"]?["command"]?.arrayValue, command.isEmpty {
            reader.report("retraining.command", "must name a program.")
        }
        if let schedule = values["retraining"]?["schedule"]?.stringValue {
            do { _ = try CronExpression(schedule) } catch { reader.report("retraining.schedule", error.message) }
        }
        for (index, key) in items(values["signing_keys"]) {
            let text = key.stringValue ?? ""
            if !text.hasPrefix("-----BEGIN PUBLIC KEY-----") {
                reader.report(
                    "signing_keys", "entry \(index + 1) must be a public key in PEM (-----BEGIN PUBLIC KEY-----).")
            }
        }
        if let name = values["model"]?.stringValue, name.contains(where: { "/:".contains($0) }) {
            reader.report("model", "may not hold / or :, as registered models may not.")
        }
    }

    static func items(_ value: JSONValue?) -> EnumeratedSequence<[JSONValue]> {
        (value?.arrayValue ?? []).enumerated()
    }

    static func bounds(
        _ value: JSONValue, others: [String] = [], _ path: String, _ reader: inout PolicyReader
    ) {
        let least = value["at_least"]?.doubleValue
        let most = value["at_most"]?.doubleValue
        // A bound that is there but wrong has been told already.
        let isTold = reader.problems.contains { $0.field.hasPrefix(path + ".") }
        if !isTold, least == nil, most == nil, others.allSatisfy({ value[$0] == nil }) {
            reader.report(path, "needs at least one of \((["at_least", "at_most"] + others).joined(separator: ", ")).")
        }
        if let least, let most, least > most {
            reader.report(path + ".at_least", "must not be above at_most, or nothing can meet it.")
        }
    }

    static func unique(_ list: JSONValue?, keys: [String], _ path: String, _ reader: inout PolicyReader) {
        var seen: Set<[JSONValue?]> = []
        for (index, item) in items(list) where !seen.insert(keys.map { item[$0] }).inserted {
            reader.report("\(path)[\(index)]", "repeats the \(keys.joined(separator: " and ")) of an entry above.")
        }
    }

    private static func outputBounds(_ list: JSONValue?, _ reader: inout PolicyReader) {
        for (index, bound) in items(list) {
            let path = "output_bounds[\(index)]"
            if ["minimum", "maximum", "allowed", "max_change"].allSatisfy({ bound[$0] == nil }),
                bound["finite"]?.boolValue != true
            {
                reader.report(path, "needs at least one of minimum, maximum, allowed, max_change, finite: true.")
            }
            if let low = bound["minimum"]?.doubleValue, let high = bound["maximum"]?.doubleValue, low > high {
                reader.report(path + ".minimum", "must not be above maximum.")
            }
        }
    }

    /// Each step is either shadow or has a weight; shadow comes first and weights grow.
    private static func steps(_ list: JSONValue?, _ reader: inout PolicyReader) {
        var last = 0.0
        for (index, step) in items(list) {
            let path = "rollout.steps[\(index)]"
            let weight = step["weight"]?.doubleValue
            let isShadow = step["shadow"]?.boolValue ?? false
            if isShadow == (weight != nil) {
                reader.report(path, "must have either shadow: true or a weight.")
            } else if isShadow, last > 0 {
                reader.report(path, "is in shadow after a step with traffic; shadow comes first.")
            } else if let weight, weight <= last {
                reader.report(path + ".weight", "must be above the step before, which has \(PolicyNumber.text(last))%.")
            }
            last = max(last, weight ?? 0)
        }
    }
}
