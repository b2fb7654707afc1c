/// The rules and limits of data sets.
public enum DatasetLimits {
    public static let nameCharactersMax = 200
    /// Files of one version: all are written in one transaction.
    public static let filesMax = 10_000
    public static let pathBytesMax = 1_024
    public static let sourceCharactersMax = 2_048
    /// Columns of one version: each costs the profile some tens of kilobytes.
    public static let columnsMax = 1_024
    /// Digits of a digest that name a version, at least.
    public static let digestPrefixMin = 8

    /// Letters, digits, `.`, `_`, `-` of ASCII, beginning with a letter or digit: a name stands in references, paths and URIs as it is.
    ///
    /// - Throws: `invalidArgument` with the rule.
    public static func checkName(_ name: String) throws(MartletError) {
        let isLegal = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 0x2e
                || byte == 0x5f || byte == 0x2d
        }
        guard (1...nameCharactersMax).contains(name.utf8.count), isLegal, let first = name.first,
            first.isLetter || first.isNumber
        else {
            throw .invalid(
                "A data set's name has 1 to \(nameCharactersMax) letters, digits, '.', '_' or '-' and begins with a letter or digit.",
                field: "name")
        }
    }

    /// Relative, normal, bounded.
    ///
    /// - Throws: `invalidArgument` with the rule.
    public static func checkPath(_ path: String) throws(MartletError) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let isNormal = !segments.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        let isPlain = !path.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f || $0 == "\\" }
        guard isNormal, isPlain, path.utf8.count <= pathBytesMax else {
            throw .invalid(
                "The path of a data set's file is relative, without '..', '\\', control characters or empty parts, and has at most \(pathBytesMax) bytes.",
                field: "path")
        }
    }
}
