/// MLflow's limits and name rules, which its clients rely on.
public enum TrackingLimits {
    public static let batchMetricsMax = 1000
    public static let batchParamsMax = 100
    public static let batchTagsMax = 100
    public static let keyCharactersMax = 250
    public static let paramValueCharactersMax = 6000
    public static let tagValueCharactersMax = 8000
    public static let experimentNameCharactersMax = 500
    public static let registryTagValueCharactersMax = 100_000
    public static let aliasCharactersMax = 255
    public static let searchResultsMax: Int64 = 50_000

    /// A metric, param or tag key: letters, digits, `_/.- :`, and a normal relative path.
    ///
    /// - Throws: `invalidArgument` naming the key.
    public static func checkKey(_ key: String, of kind: String) throws(MartletError) {
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

    /// - Throws: `invalidArgument` naming the limit.
    public static func checkLength(_ value: String, max: Int, of what: String) throws(MartletError) {
        guard value.count <= max else {
            throw .invalid("\(what) had length \(value.count), which exceeded length limit of \(max)")
        }
    }
}
