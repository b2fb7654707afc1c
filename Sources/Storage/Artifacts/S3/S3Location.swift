public import Domain
internal import Foundation

/// A bucket, where it is and how it is addressed.
public struct S3Location: Sendable, Hashable {
    /// Whether the bucket is the first part of the path or of the host's name.
    public enum Addressing: String, Sendable, CaseIterable { case auto, path, virtual }

    public var bucket: String
    /// Before every key; empty or ending in `/`.
    public var prefix: String
    public var region: String
    /// `http` or `https`.
    let scheme: String
    /// Host and, if it is not the scheme's own, port; with the bucket in front if it is addressed so.
    let authority: String
    /// The bucket goes into the path.
    let isPathStyle: Bool

    /// - Parameters:
    ///   - url: `s3://bucket/prefix`; the prefix may be left out.
    ///   - endpoint: `https://host:port`; nil is AWS.
    ///   - region: AWS's name of it; other servers mostly take any.
    ///   - addressing: `auto` is the path for other servers and for buckets with dots, whose names no certificate covers.
    /// - Throws: `invalidArgument`.
    public init(url: String, endpoint: String?, region: String, addressing: Addressing) throws(MartletError) {
        let rest = url.dropFirst("s3://".count)
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let bucket = parts.first ?? ""
        let isBucket =
            (3...63).contains(bucket.utf8.count)
            && bucket.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
        guard url.hasPrefix("s3://"), isBucket else {
            throw .invalid("artifact-store is s3://BUCKET/PREFIX, not '\(url)'.", field: "artifact-store")
        }
        var prefix = parts.count > 1 ? parts[1] : ""
        while prefix.hasSuffix("/") { prefix.removeLast() }
        let isPlain = prefix.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || "-_./=".utf8.contains($0)
        }
        guard isPlain, !prefix.hasPrefix("/"), !prefix.contains("//"), prefix.utf8.count <= 512 else {
            throw .invalid(
                "The prefix of artifact-store has letters, digits and -_./= only, not '\(prefix)'.",
                field: "artifact-store")
        }
        guard !region.isEmpty, region.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }) else {
            throw .invalid("s3-region is the name of a region, not '\(region)'.", field: "s3-region")
        }
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let base = endpoint ?? "https://s3.\(region).\(domain)"
        guard let parsed = URL(string: base), let scheme = parsed.scheme, ["http", "https"].contains(scheme),
            let host = parsed.host(), parsed.path().isEmpty || parsed.path() == "/", parsed.query() == nil,
            parsed.user() == nil
        else {
            throw .invalid("s3-endpoint is a URL such as https://s3.example.org, not '\(base)'.", field: "s3-endpoint")
        }
        let isDefaultPort = parsed.port == nil || parsed.port == (scheme == "https" ? 443 : 80)
        let server = isDefaultPort ? host : "\(host):\(parsed.port ?? 0)"
        isPathStyle =
            switch addressing {
            case .path: true
            case .virtual: false
            case .auto: endpoint != nil || bucket.contains(".")
            }
        self.bucket = bucket
        self.prefix = prefix.isEmpty ? "" : prefix + "/"
        self.region = region
        self.scheme = scheme
        authority = isPathStyle ? server : "\(bucket).\(server)"
    }

    /// The path of a key in a URL, not encoded; of the bucket itself without one.
    func path(_ key: String?) -> String {
        let rest = key.map { "/\(prefix)\($0)" } ?? (isPathStyle ? "" : "/")
        return isPathStyle ? "/\(bucket)\(rest)" : rest
    }
}

extension S3Location: CustomStringConvertible {
    public var description: String { "s3://\(bucket)/\(prefix)" }
}
