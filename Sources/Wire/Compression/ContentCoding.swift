public import Domain

/// How a body is compressed (RFC 9110, section 8.4.1).
public enum ContentCoding: String, Sendable, CaseIterable {
    case gzip
    /// The zlib format; bare deflate streams, which some clients send, are read too.
    case deflate

    /// A body's coding by its `Content-Encoding`; nil for none.
    ///
    /// - Throws: `invalidArgument` for any other, and for more than one.
    public init?(contentEncoding text: String) throws(MartletError) {
        switch Self.trimmed(text).lowercased() {
        case "", "identity": return nil
        case "gzip", "x-gzip": self = .gzip
        case "deflate": self = .deflate
        default:
            throw MartletError.invalid(
                "The content encoding \"\(text.prefix(64))\" is not taken by this server: send gzip, deflate or identity."
            )
        }
    }

    /// The coding of an answer by the request's `Accept-Encoding`: the one of the higher weight, of equal ones gzip; nil where
    /// neither is asked for.
    public init?(acceptEncoding text: String) {
        var chosen: (coding: ContentCoding, weight: Double)?
        for item in text.split(separator: ",") {
            let parts = item.split(separator: ";")
            guard let name = parts.first.map({ Self.trimmed($0).lowercased() }),
                let coding = name == "*" ? ContentCoding.gzip : ContentCoding(rawValue: name)
            else { continue }
            let weight = parts.dropFirst().lazy.compactMap { Self.weight($0) }.first ?? 1
            guard weight > 0 else { continue }
            if let best = chosen {
                guard weight > best.weight || (weight == best.weight && coding == .gzip) else { continue }
            }
            chosen = (coding, weight)
        }
        guard let chosen else { return nil }
        self = chosen.coding
    }

    /// Of `q=0.5`; nil for any other parameter. What is no number counts as 0: it is not what was asked for.
    private static func weight(_ parameter: Substring) -> Double? {
        let text = trimmed(parameter)
        guard text.lowercased().hasPrefix("q=") else { return nil }
        return Double(text.dropFirst(2)) ?? 0
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
