/// A path of this server. Links are made only here, of percent-encoded segments, so no stored text can become a URL with a
/// scheme of its own.
public struct Link: Sendable, Hashable {
    /// The path with its query, percent-encoded.
    public let text: String

    private init(segments: [String], query: [(String, String)] = []) {
        var text = ""
        for segment in segments { text += "/" + Self.encoded(segment) }
        if text.isEmpty { text = "/" }
        for (index, (name, value)) in query.enumerated() {
            text += (index == 0 ? "?" : "&") + Self.encoded(name) + "=" + Self.encoded(value)
        }
        self.text = text
    }

    /// A place on the same page; `id` is an id that the page itself gave.
    static func anchor(_ id: StaticString) -> Link { Link(fragment: id.description) }
    private init(fragment: String) { text = "#" + fragment }

    public static let home = Link(segments: [])
    public static let models = Link(segments: ["models"])
    /// Models whose names follow `name`.
    public static func models(after name: String) -> Link { Link(segments: ["models"], query: [("after", name)]) }
    public static func model(_ name: String) -> Link { Link(segments: ["models", name]) }
    /// Its versions older than `version`.
    public static func model(_ name: String, before version: Int) -> Link {
        Link(segments: ["models", name], query: [("before", String(version))])
    }
    public static func version(_ name: String, _ version: Int) -> Link {
        Link(segments: ["models", name, "versions", String(version)])
    }
    /// Its history: all of it or one kind, as it stood at a moment, or the entries older than `before`.
    public static func history(
        _ name: String, kind: String? = nil, at: String? = nil, before: Int64? = nil
    ) -> Link {
        let query = [("kind", kind), ("at", at), ("before", before.map(String.init))]
        return Link(
            segments: ["models", name, "history"], query: query.compactMap { name, value in value.map { (name, $0) } })
    }
    /// A version's entry as a Markdown document.
    public static func versionMarkdown(_ name: String, _ version: Int) -> Link {
        Link(
            segments: ["api", "v1", "models", name, "versions", String(version), "entry"],
            query: [("format", "markdown")])
    }
    public static let datasets = Link(segments: ["datasets"])
    /// Data sets whose names follow `name`.
    public static func datasets(after name: String) -> Link { Link(segments: ["datasets"], query: [("after", name)]) }
    public static func dataset(_ name: String) -> Link { Link(segments: ["datasets", name]) }
    /// Its versions older than `number`.
    public static func dataset(_ name: String, before number: Int) -> Link {
        Link(segments: ["datasets", name], query: [("before", String(number))])
    }
    public static func datasetVersion(_ name: String, _ number: Int) -> Link {
        Link(segments: ["datasets", name, "versions", String(number)])
    }
    /// What changed from one version to another.
    public static func datasetDiff(_ name: String, from: Int, to: Int) -> Link {
        Link(segments: ["datasets", name, "diff"], query: [("from", String(from)), ("to", String(to))])
    }
    /// What a thing comes from and what came of it.
    public static func lineage(_ reference: String) -> Link {
        Link(segments: ["lineage"], query: [("of", reference)])
    }
    public static let lineage = Link(segments: ["lineage"])
    public static let endpoints = Link(segments: ["endpoints"])
    /// Endpoints whose names follow `name`.
    public static func endpoints(after name: String) -> Link {
        Link(segments: ["endpoints"], query: [("after", name)])
    }
    public static func endpoint(_ name: String) -> Link { Link(segments: ["endpoints", name]) }
    /// Its charts over the last `hours`.
    public static func endpoint(_ name: String, hours: Int) -> Link {
        Link(segments: ["endpoints", name], query: [("hours", String(hours))])
    }
    public static let rollouts = Link(segments: ["rollouts"])
    /// Rollouts older than `id`.
    public static func rollouts(before id: Int64) -> Link {
        Link(segments: ["rollouts"], query: [("before", String(id))])
    }
    public static func rollout(_ id: Int64) -> Link { Link(segments: ["rollouts", String(id)]) }
    public static let alerts = Link(segments: ["alerts"])
    public static let allAlerts = Link(segments: ["alerts"], query: [("state", "all")])
    /// Alerts older than `id`.
    public static func alerts(all: Bool, before id: Int64) -> Link {
        Link(segments: ["alerts"], query: (all ? [("state", "all")] : []) + [("before", String(id))])
    }
    public static let retraining = Link(segments: ["retraining"])
    /// Runs older than `id`.
    public static func retraining(before id: Int64) -> Link {
        Link(segments: ["retraining"], query: [("before", String(id))])
    }
    public static func retraining(_ id: Int64) -> Link { Link(segments: ["retraining", String(id)]) }
    public static let audit = Link(segments: ["audit"])
    /// Events older than `sequence`.
    public static func audit(before sequence: Int64) -> Link {
        Link(segments: ["audit"], query: [("before", String(sequence))])
    }
    public static let predictions = Link(segments: ["predictions"])
    public static func prediction(_ id: String) -> Link { Link(segments: ["predictions"], query: [("id", id)]) }
    public static let signIn = Link(segments: ["sign-in"])
    public static let signOut = Link(segments: ["sign-out"])
    /// An embedded file; `version` changes with its content, so that browsers may keep it for ever.
    public static func asset(_ name: String, version: String) -> Link {
        Link(segments: ["assets", name], query: [("v", version)])
    }

    /// RFC 3986: everything but the unreserved characters is percent-encoded. A segment of dots alone would change the
    /// path, so its dots are encoded as well.
    private static func encoded(_ segment: String) -> String {
        let isDots = segment.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
        let hex = Array("0123456789ABCDEF".unicodeScalars)
        var output = ""
        for byte in segment.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isUnreserved: Bool =
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "~": true
                case ".": !isDots
                default: false
                }
            if isUnreserved {
                output.unicodeScalars.append(scalar)
            } else {
                output += "%"
                output.unicodeScalars.append(hex[Int(byte >> 4)])
                output.unicodeScalars.append(hex[Int(byte & 15)])
            }
        }
        return output
    }
}
