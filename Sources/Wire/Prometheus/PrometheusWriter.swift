/// Writes metrics in the Prometheus text format 0.0.4 or in OpenMetrics 1.0, as the scraper asks.
///
/// Families are written one after another, each with HELP and TYPE; the caller keeps names in snake case with base units and
/// bounds the number of label values.
public struct PrometheusWriter {
    public enum Format: Sendable {
        case text, openMetrics

        /// What the scraper's `Accept` header asks for; the text format where it asks for neither.
        public init(accept: String?) {
            self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .text
        }

        public var contentType: String {
            switch self {
            case .text: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    public enum Kind: String, Sendable { case counter, gauge, histogram }

    /// One series' value.
    public struct Sample: Sendable {
        public var labels: [(name: String, value: String)]
        public var value: Double
        public init(_ labels: [(name: String, value: String)] = [], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// One series of a histogram.
    public struct Distribution: Sendable {
        public var labels: [(name: String, value: String)]
        /// Upper bound and count of all at or below it, ascending, without +Inf.
        public var cumulative: [(upperBound: Double, count: Int)]
        public var count: Int
        public var sum: Double
        public init(
            labels: [(name: String, value: String)], cumulative: [(upperBound: Double, count: Int)], count: Int,
            sum: Double
        ) {
            self.labels = labels
            self.cumulative = cumulative
            self.count = count
            self.sum = sum
        }
    }

    private let format: Format
    private var text = ""

    public init(_ format: Format) {
        self.format = format
    }

    /// A counter or gauge. A counter's name ends in `_total`. A family without samples is left out.
    public mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        head(name, kind, help)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    public mutating func histogram(_ name: String, _ help: String, _ series: [Distribution]) {
        guard !series.isEmpty else { return }
        head(name, .histogram, help)
        for entry in series {
            for bucket in entry.cumulative {
                line(name + "_bucket", entry.labels + [("le", Self.number(bucket.upperBound))], Double(bucket.count))
            }
            line(name + "_bucket", entry.labels + [("le", "+Inf")], Double(entry.count))
            line(name + "_sum", entry.labels, entry.sum)
            line(name + "_count", entry.labels, Double(entry.count))
        }
    }

    /// The whole exposition.
    public consuming func finish() -> String {
        if format == .openMetrics { text += "# EOF\n" }
        return text
    }

    private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
        // OpenMetrics names a counter's family without the suffix of its samples.
        let isCounter = format == .openMetrics && kind == .counter && name.hasSuffix("_total")
        let family = isCounter ? String(name.dropLast("_total".count)) : name
        text += "# HELP \(family) \(Self.escaped(help, quotes: format == .openMetrics))\n"
        text += "# TYPE \(family) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: Double) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " \(Self.number(value))\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }

    static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
