/// MLflow's limits and name rules, which its clients rely on.
public enum TrackingLimits {
    public static let batchMetricsMax = 1000
    public static let batchParamsMax = 100
    public static let batchTagsMax = 100
    public static let keyCharactersMax = 250
    public static let paramValueCharactersMax = 6000
    public static let tagValueCharactersMax = 8000
    public static let experimentNameCharactersMax = 500
    public static let experimentTagValueCharactersMax = 20_000
    public static let runNameCharactersMax = 250
    public static let userIDCharactersMax = 256
    public static let datasetNameCharactersMax = 500
    public static let datasetDigestCharactersMax = 36
    public static let datasetSourceCharactersMax = 65_535
    public static let datasetSchemaCharactersMax = 1_048_575
    public static let datasetProfileCharactersMax = 16_777_215
    public static let inputTagKeyCharactersMax = 255
    public static let inputTagValueCharactersMax = 500
    public static let registryTagValueCharactersMax = 100_000
    public static let aliasCharactersMax = 255
    public static let searchResultsMax: Int64 = 50_000
    /// Clauses of one `order_by`: each is two terms, and `SearchSQL.orderTermsMax` is the end.
    public static let orderClausesMax = 20
    /// Experiments of one search: their ids are bound one by one, and databases take 32,766 values a statement.
    public static let searchExperimentsMax = 10_000
    /// Members of all lists of one filter together, for the same reason.
    public static let filterListItemsMax = 10_000
    /// Bytes of a LIKE or ILIKE pattern. SQLite takes 50,000; no name or value that is searched for comes near this.
    public static let likePatternBytesMax = 4_096
    /// `%` of one pattern: each makes the database look further through every value.
    public static let likeWildcardsMax = 32

    /// A metric, param or tag key: letters, digits, `_/.- :`, and a normal relative path.
    ///
    /// - Parameters:
    ///   - name: what the key is, where it is too long: `Metric name`.
    ///   - path: where it stands in the request: `metrics[3].name`.
    /// - Throws: `invalidArgument` in MLflow's words.
    public static func checkKey(_ key: String, _ name: String, path: String = "key") throws(MartletError) {
        if isPlain(key) { return }
        let isLegal = key.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "/_.- :".unicodeScalars.contains(scalar)
        }
        guard isLegal else {
            throw .invalid(
                "Invalid value \(quoted(key)) for parameter '\(path)' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
                field: path)
        }
        let normal = normalized(key)
        guard normal == key, normal != ".", !normal.hasPrefix(".."), !normal.hasPrefix("/") else {
            throw .invalid(
                "Invalid value \(quoted(key)) for parameter '\(path)' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '\(normal.prefix(100))'",
                field: path)
        }
        try checkLength(key, max: keyCharactersMax, of: name)
    }

    /// As in MLflow's messages, which write values as JSON.
    private static func quoted(_ key: String) -> String {
        "\"" + key.prefix(100).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The POSIX path that a name would be.
    static func normalized(_ path: String) -> String {
        if !path.utf8.contains(UInt8(ascii: "/")), path != ".." { return path.isEmpty ? "." : path }
        let isAbsolute = path.hasPrefix("/")
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        return isAbsolute ? "/" + joined : joined.isEmpty ? "." : joined
    }

    /// A metric of a run.
    ///
    /// - Throws: `invalidArgument` naming what breaks a rule.
    public static func check(_ metric: MetricPoint, at index: Int?) throws(MartletError) {
        let path = index.map { "metrics[\($0)]." } ?? ""
        try checkKey(metric.key, "Metric name", path: path + "name")
        guard metric.timestamp.milliseconds >= 0 else {
            throw .invalid(
                "Invalid value \(metric.timestamp.milliseconds) for parameter '\(path)timestamp' supplied: metric '\(metric.key)' (value=\(metric.value)). Timestamp must be a nonnegative long (64-bit integer) ",
                field: path + "timestamp")
        }
    }

    /// Whether a key is legal at first sight, as nearly all are: ASCII, one segment, short.
    private static func isPlain(_ key: String) -> Bool {
        let bytes = key.utf8
        guard (1...keyCharactersMax).contains(bytes.count), bytes.first != UInt8(ascii: ".") else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: ":"), UInt8(ascii: " "):
                true
            default: false
            }
        }
    }

    /// A run's tag value, cut as MLflow's server cuts it.
    public static func cutTagValue(_ value: String) -> String {
        cut(value, to: tagValueCharactersMax)
    }

    /// A param of a run or logged model, its value cut to what MLflow keeps.
    ///
    /// - Throws: `invalidArgument` naming the key.
    public static func param(_ key: String, _ value: String, at index: Int? = nil) throws(MartletError) -> String {
        try checkKey(key, "Param key", path: index.map { "params[\($0)].key" } ?? "key")
        return cut(value, to: paramValueCharactersMax)
    }

    /// The first characters of a value, as MLflow counts them: Unicode scalars.
    public static func cut(_ value: String, to max: Int) -> String {
        guard value.utf8.count > max else { return value }
        return String(String.UnicodeScalarView(value.unicodeScalars.prefix(max)))
    }

    /// - Throws: `invalidArgument` naming the tag's key.
    public static func checkTagKey(_ key: String, at index: Int? = nil) throws(MartletError) {
        let path = index.map { "tags[\($0)].key" } ?? "key"
        try checkKey(key, path, path: path)
    }

    /// A data set that a run used.
    ///
    /// - Throws: `invalidArgument` naming the limit.
    public static func check(_ dataset: DatasetInput) throws(MartletError) {
        try checkLength(dataset.name, max: datasetNameCharactersMax, of: "name")
        try checkLength(dataset.digest, max: datasetDigestCharactersMax, of: "digest")
        try checkLength(dataset.source, max: datasetSourceCharactersMax, of: "source")
        try checkLength(dataset.schema ?? "", max: datasetSchemaCharactersMax, of: "schema")
        try checkLength(dataset.profile ?? "", max: datasetProfileCharactersMax, of: "profile")
        for (key, value) in dataset.tags {
            try checkLength(key, max: inputTagKeyCharactersMax, of: "key")
            try checkLength(value, max: inputTagValueCharactersMax, of: "value")
        }
    }

    /// - Throws: `invalidArgument` if there are more of something than a call takes.
    public static func checkCount(_ count: Int, max: Int, of what: String) throws(MartletError) {
        guard count <= max else {
            throw .invalid("A request can contain at most \(max) \(what). Got \(count).", field: what)
        }
    }

    /// - Throws: `invalidArgument` naming the limit.
    public static func checkLength(_ value: String, max: Int, of what: String) throws(MartletError) {
        // Characters are counted only where there may be too many: a value has at least as many bytes.
        guard value.utf8.count > max, value.unicodeScalars.count > max else { return }
        throw .invalid("'\(what)' exceeds the maximum length of \(max) characters", field: what)
    }
}
