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
    public static let datasetSchemaBytesMax = 1 << 20
    public static let datasetProfileBytesMax = 16 << 20
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
    /// - Throws: `invalidArgument` naming the key.
    public static func checkKey(_ key: String, of kind: String) throws(MartletError) {
        if isPlain(key) { return }
        guard key.count <= keyCharactersMax else {
            throw .invalid(
                "\(kind) name '\(key.prefix(40))…' had length \(key.count), which exceeded length limit of \(keyCharactersMax)",
                field: "key")
        }
        let isLegal = key.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "/_.- :".unicodeScalars.contains(scalar)
        }
        let segments = key.split(separator: "/", omittingEmptySubsequences: false)
        let isNormal = !segments.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        guard isLegal, isNormal else {
            throw .invalid(
                "Invalid \(kind.lowercased()) name: '\(key)'. Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colons(:) and slashes (/), and must be a normal path.",
                field: "key")
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
        value.utf8.count <= tagValueCharactersMax ? value : String(value.prefix(tagValueCharactersMax))
    }

    /// A param of a run or logged model.
    ///
    /// - Throws: `invalidArgument` naming the key.
    public static func checkParam(_ key: String, _ value: String) throws(MartletError) {
        try checkKey(key, of: "Parameter")
        try checkLength(value, max: paramValueCharactersMax, of: "Param value '\(key)'")
    }

    /// A data set that a run used.
    ///
    /// - Throws: `invalidArgument` naming the limit.
    public static func check(_ dataset: DatasetInput) throws(MartletError) {
        try checkLength(dataset.name, max: datasetNameCharactersMax, of: "Dataset name")
        try checkLength(dataset.digest, max: datasetDigestCharactersMax, of: "Dataset digest")
        guard (dataset.schema?.utf8.count ?? 0) <= datasetSchemaBytesMax else {
            throw .invalid("Dataset schema exceeds the maximum length of \(datasetSchemaBytesMax)", field: "schema")
        }
        guard (dataset.profile?.utf8.count ?? 0) <= datasetProfileBytesMax else {
            throw .invalid("Dataset profile exceeds the maximum length of \(datasetProfileBytesMax)", field: "profile")
        }
        for (key, value) in dataset.tags {
            try checkLength(key, max: inputTagKeyCharactersMax, of: "Input tag key")
            try checkLength(value, max: inputTagValueCharactersMax, of: "Input tag value")
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
        // No text has more characters than bytes.
        if value.utf8.count <= max { return }
        guard value.count <= max else {
            throw .invalid("\(what) had length \(value.count), which exceeded length limit of \(max)")
        }
    }
}
