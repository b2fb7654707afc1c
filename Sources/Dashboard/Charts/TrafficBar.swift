/// How traffic is divided between versions, as one bar.
public struct TrafficBar: Sendable, Hashable {
    /// One version's part.
    public struct Part: Sendable, Hashable {
        public enum Kind: String, Sendable, Hashable { case champion, candidate, shadow }
        public var label: String
        public var kind: Kind
        /// 0…1 of the answers that leave; a shadow has none.
        public var share: Double
        public init(label: String, kind: Kind, share: Double) {
            self.label = label
            self.kind = kind
            self.share = share
        }
    }

    public var title: String
    public var parts: [Part]

    public init(title: String, parts: [Part]) {
        self.title = title
        self.parts = parts
    }

    /// Places of the parts on a bar of length 1, in order; negative and unknown shares count as none, and the rest is
    /// scaled to fill the bar.
    var spans: [(part: Part, start: Double, length: Double)] {
        let shares = parts.map { $0.share.isFinite ? max(0, $0.share) : 0 }
        let total = shares.reduce(0, +)
        guard total > 0 else { return [] }
        var start = 0.0
        var result: [(part: Part, start: Double, length: Double)] = []
        for (part, share) in zip(parts, shares) where share > 0 {
            result.append((part, start, share / total))
            start += share / total
        }
        return result
    }

    var html: HTML {
        let width = 420.0
        let spans = spans
        let words = parts.map { "\($0.label) \($0.kind == .shadow ? "in shadow" : NumberText.percent($0.share))" }
        return figure(.class("traffic")) {
            if !spans.isEmpty {
                svg(
                    .class("trafficbar"), .viewBox(width, 18), .role("img"),
                    .label(title + ": " + words.joined(separator: ", ")), Attribute("preserveAspectRatio", "none")
                ) {
                    svgTitle(text: title)
                    for span in spans {
                        rect(
                            .class("part \(span.part.kind.rawValue)"), .number("x", span.start * width),
                            .number("y", 0), .number("height", 18),
                            // A gap of two units between parts, but never a part that vanishes.
                            .number("width", max(2, span.length * width - (span.length < 1 ? 2 : 0))))
                    }
                }
            }
            ul(.class("legend")) {
                for part in parts {
                    li {
                        span(.class("swatch \(part.kind.rawValue)"), .hiddenFromReaders)
                        strong(text: part.label)
                        " \(part.kind.rawValue) "
                        span(
                            .class("figure-inline"),
                            text: part.kind == .shadow ? "copies only" : NumberText.percent(part.share))
                    }
                }
            }
        }
    }
}
