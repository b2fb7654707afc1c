/// Names one thing in the lineage, as people write it: `dataset:NAME@DIGEST`, `run:ID`, `model:NAME/VERSION`, `endpoint:NAME`,
/// `prediction:ID`.
public enum LineageReference: Sendable, Hashable {
    /// `version` is what follows the `@`: the digest as a run logged it, or a version of Martlet's by number or digest; empty is the newest.
    case dataset(name: String, version: String)
    case run(String)
    case model(ModelVersionID)
    case endpoint(String)
    case prediction(PredictionID)

    /// Bytes of a reference at most: names have a few hundred.
    public static let bytesMax = 2_048

    /// - Throws: `invalidArgument`, saying how references look.
    public init(_ text: String) throws(MartletError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[1].isEmpty, text.utf8.count <= Self.bytesMax else { throw Self.unreadable(text) }
        let rest = parts[1]
        switch parts[0] {
        case "dataset":
            // A logged name may hold an @ itself; a digest never does.
            let at = rest.lastIndex(of: "@")
            self = .dataset(
                name: String(rest[..<(at ?? rest.endIndex)]),
                version: at.map { String(rest[rest.index(after: $0)...]) } ?? "")
        case "run": self = .run(rest)
        case "model":
            guard let slash = rest.lastIndex(of: "/"), let version = Int(rest[rest.index(after: slash)...]), version > 0
            else { throw Self.unreadable(text) }
            self = .model(ModelVersionID(model: String(rest[..<slash]), version: version))
        case "endpoint": self = .endpoint(rest)
        case "prediction": self = .prediction(PredictionID(rawValue: rest))
        default: throw Self.unreadable(text)
        }
    }

    private static func unreadable(_ text: String) -> MartletError {
        .invalid(
            "“\(text.prefix(80))” names nothing in the lineage. It looks like dataset:NAME@DIGEST, run:ID, model:NAME/VERSION, endpoint:NAME or prediction:ID.",
            field: "of")
    }
}

extension LineageReference: CustomStringConvertible {
    public var description: String {
        switch self {
        case .dataset(let name, let version): version.isEmpty ? "dataset:\(name)" : "dataset:\(name)@\(version)"
        case .run(let id): "run:\(id)"
        case .model(let id): "model:\(id)"
        case .endpoint(let name): "endpoint:\(name)"
        case .prediction(let id): "prediction:\(id)"
        }
    }
}
