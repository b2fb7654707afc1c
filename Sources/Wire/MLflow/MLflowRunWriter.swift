public import Domain

/// Runs straight to bytes, the same text as `MLflowAnswer.run` printed: a page of a search holds thousands of values, and a
/// tree of them would cost more than the search.
public enum MLflowRunWriter {
    /// The answer of `runs/search`.
    public static func page(_ runs: [Run], nextOffset: Int?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024 * max(1, runs.count))
        bytes.append(UInt8(ascii: "{"))
        if let nextOffset {
            append("\"next_page_token\":", to: &bytes)
            JSONPrinter.write(string: MLflowPageToken.encode(nextOffset), into: &bytes)
            if !runs.isEmpty { append(",", to: &bytes) }
        }
        if !runs.isEmpty {
            append("\"runs\":", to: &bytes)
            list(runs, into: &bytes) { append($0, to: &$1) }
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private static func append(_ run: Run, to bytes: inout [UInt8]) {
        append("{\"data\":{", to: &bytes)
        var isFirst = true
        if !run.metrics.isEmpty {
            key("metrics", &isFirst, into: &bytes)
            list(run.metrics, into: &bytes) { append($0, to: &$1) }
        }
        if !run.params.isEmpty {
            key("params", &isFirst, into: &bytes)
            pairs(run.params, into: &bytes)
        }
        if !run.tags.isEmpty {
            key("tags", &isFirst, into: &bytes)
            pairs(run.tags, into: &bytes)
        }
        append("},\"info\":", to: &bytes)
        appendInfo(run, to: &bytes)
        // Rare, so the slower way will do.
        append(",\"inputs\":", to: &bytes)
        bytes += JSONPrinter.print(MLflowAnswer.inputs(run))
        append(",\"outputs\":", to: &bytes)
        bytes += JSONPrinter.print(MLflowAnswer.outputs(run))
        append("}", to: &bytes)
    }

    private static func appendInfo(_ run: Run, to bytes: inout [UInt8]) {
        var isFirst = true
        func text(_ name: StaticString, _ value: String) {
            key(name, &isFirst, into: &bytes)
            JSONPrinter.write(string: value, into: &bytes)
        }
        func time(_ name: StaticString, _ value: Timestamp?) {
            guard let value else { return }
            key(name, &isFirst, into: &bytes)
            append(String(value.milliseconds), to: &bytes)
        }
        append("{", to: &bytes)
        text("artifact_uri", run.artifactURI)
        time("end_time", run.endedAt)
        text("experiment_id", run.experimentID)
        text("lifecycle_stage", run.isDeleted ? "deleted" : "active")
        text("run_id", run.id)
        text("run_name", run.name)
        text("run_uuid", run.id)
        time("start_time", run.startedAt)
        text("status", run.status.rawValue)
        text("user_id", run.userID)
        append("}", to: &bytes)
    }

    private static func append(_ point: MetricPoint, to bytes: inout [UInt8]) {
        guard point.datasetName == nil, point.datasetDigest == nil, point.modelID == nil else {
            bytes += JSONPrinter.print(MLflowAnswer.metric(point))
            return
        }
        append("{\"key\":", to: &bytes)
        JSONPrinter.write(string: point.key, into: &bytes)
        append(",\"step\":", to: &bytes)
        append(String(point.step), to: &bytes)
        append(",\"timestamp\":", to: &bytes)
        append(String(point.timestamp.milliseconds), to: &bytes)
        append(",\"value\":", to: &bytes)
        append(JSONPrinter.number(point.value), to: &bytes)
        append("}", to: &bytes)
    }

    private static func pairs(_ map: [String: String], into bytes: inout [UInt8]) {
        list(map.sorted { $0.key < $1.key }, into: &bytes) { pair, bytes in
            append("{\"key\":", to: &bytes)
            JSONPrinter.write(string: pair.key, into: &bytes)
            append(",\"value\":", to: &bytes)
            JSONPrinter.write(string: pair.value, into: &bytes)
            append("}", to: &bytes)
        }
    }

    private static func list<Element>(
        _ elements: [Element], into bytes: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void
    ) {
        append("[", to: &bytes)
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",", to: &bytes) }
            write(element, &bytes)
        }
        append("]", to: &bytes)
    }

    private static func key(_ name: StaticString, _ isFirst: inout Bool, into bytes: inout [UInt8]) {
        append(isFirst ? "\"" : ",\"", to: &bytes)
        isFirst = false
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        append("\":", to: &bytes)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) { bytes.append(contentsOf: text.utf8) }
}
