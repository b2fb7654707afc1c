public import Domain

/// The rules of artifact paths: relative, normal, bounded. Everything else about a name is the client's affair.
public enum ArtifactPath {
    /// Bytes at most, as most file systems have it.
    static let bytesMax = 4096

    /// - Throws: `invalidArgument` for `..`, empty segments, absolute paths, and NUL.
    public static func check(_ path: String) throws(MartletError) {
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        let isNormal = !segments.contains { $0.isEmpty || $0 == "." || $0 == ".." }
        let looksEscaped = path.lowercased().contains("%2e%2e") || path.contains("\\") || path.utf8.contains(0)
        guard isNormal, !looksEscaped, path.utf8.count <= bytesMax else {
            throw .invalid(
                "Invalid path: artifact paths are relative, without '..', '\\' or empty parts.", field: "path")
        }
    }

    /// The path behind an `mlflow-artifacts:` URI; nil for any other scheme.
    public static func path(uri: String) -> String? {
        guard uri.hasPrefix("mlflow-artifacts:/") else { return nil }
        var rest = uri.dropFirst("mlflow-artifacts:/".count)
        if rest.hasPrefix("/") {
            // mlflow-artifacts://host/path
            rest = rest.dropFirst()
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            rest = rest[rest.index(after: slash)...]
        }
        while rest.hasSuffix("/") { rest.removeLast() }
        return String(rest)
    }

    /// Whether an address has a scheme that is neither ours nor of a file on somebody's own machine: clients reach what is there by
    /// themselves, with their own credentials.
    public static func isElsewhere(_ uri: String) -> Bool {
        guard let colon = uri.firstIndex(of: ":"), uri[uri.index(after: colon)...].hasPrefix("/") else { return false }
        let scheme = uri[..<colon].lowercased()
        let isScheme = scheme.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || "+-.".utf8.contains(byte)
        }
        // One letter is a drive of Windows.
        return isScheme && scheme.count > 1 && !["file", "models", "runs", "mlflow-artifacts"].contains(scheme)
    }
}
