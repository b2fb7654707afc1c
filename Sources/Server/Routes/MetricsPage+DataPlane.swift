internal import Domain
internal import Serving
internal import Wire

extension MetricsPage {
    /// What the data plane refused, withheld and mended.
    static func write(_ plane: DataPlane, _ writer: inout PrometheusWriter) {
        let counts = plane.counts
        writer.family(
            "martlet_fallbacks_total", .counter,
            "Requests that something else answered than the version that was to: champion, previous or rule.",
            Fallback.Server.allCases.map { .init([("served_by", $0.rawValue)], Double(counts.fallbacksBy[$0] ?? 0)) })
        writer.family(
            "martlet_withheld_answers_total", .counter, "Answers that broke the policy's output bounds.",
            [.init([], Double(counts.boundViolations))])
        writer.family(
            "martlet_refused_requests_total", .counter, "Requests refused because too many were in work.",
            [.init([], Double(counts.refused))])
    }
}
