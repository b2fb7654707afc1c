internal import Domain

/// How the source of a run's data set names a version: `martlet-data:/NAME/DIGEST`, alone or as the address inside the JSON that
/// MLflow's client sends.
enum DatasetURI {
    static let scheme = "martlet-data:/"

    /// The version that a source names, as `NAME/` and the first 32 digits of its digest.
    ///
    /// - Returns: nil for a source that names none.
    static func key(source: String) -> String? {
        guard let range = source.firstRange(of: scheme) else { return nil }
        let rest = source[range.upperBound...].drop { $0 == "/" }
        let end =
            rest.firstIndex { $0 == "\"" || $0 == "\\" || $0 == "?" || $0 == "#" || $0.isWhitespace } ?? rest.endIndex
        let parts = rest[..<end].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, parts[1].utf8.count >= DatasetVersionID.runDigestDigits else { return nil }
        do { try DatasetLimits.checkName(parts[0]) } catch { return nil }
        return key(name: parts[0], digest: parts[1])
    }

    static func key(name: String, digest: String) -> String {
        "\(name)/\(digest.lowercased().prefix(DatasetVersionID.runDigestDigits))"
    }
}
