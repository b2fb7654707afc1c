internal import Domain
internal import Inference
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
        modelMemory(plane, &writer)
        circuits(plane, &writer)
    }

    private static func modelMemory(_ plane: DataPlane, _ writer: inout PrometheusWriter) {
        guard let counts = plane.modelMemory else { return }
        writer.family(
            "martlet_models_in_memory", .gauge, "Models in memory, of those that are served.",
            [.init([], Double(counts.models))])
        writer.family(
            "martlet_models_in_memory_bytes", .gauge, "Bytes of their files.", [.init([], Double(counts.bytes))])
        writer.family(
            "martlet_model_recalls_total", .counter, "Times that a model that had left the memory was read again.",
            [.init([], Double(counts.recalls))])
    }

    /// What principals asked for beyond their limits.
    static func write(_ refusals: RequestLimiter.Refusals, _ writer: inout PrometheusWriter) {
        writer.family(
            "martlet_limited_requests_total", .counter,
            "Requests refused because their principal had asked for too many: in a moment (rate) or today (day).",
            [("rate", refusals.byRate), ("day", refusals.byDay)].map { .init([("limit", $0)], Double($1)) })
    }

    /// Versions whose circuit breakers have series; those of more are in their statistics.
    private static let circuitSeriesMax = 1_000

    private static func circuits(_ plane: DataPlane, _ writer: inout PrometheusWriter) {
        // Before the first snapshot there are none.
        let versions = ((try? plane.statistics()) ?? []).prefix(circuitSeriesMax)
        func family(_ name: String, _ kind: PrometheusWriter.Kind, _ help: String, _ value: (CircuitStatistics) -> Int)
        {
            writer.family(
                name, kind, help,
                versions.map {
                    .init([("model", $0.id.model), ("version", "\($0.id.version)")], Double(value($0.circuit)))
                })
        }
        family("martlet_circuit_breaker_state", .gauge, "Whether a version is asked: 0 closed, 1 half open, 2 open.") {
            CircuitStatistics.State.allCases.firstIndex(of: $0.state) ?? 0
        }
        family(
            "martlet_circuit_breaker_opened_total", .counter, "Times that a version was left alone for its failures."
        ) {
            $0.opened
        }
        family(
            "martlet_circuit_breaker_refused_total", .counter,
            "Requests that did not reach a version that was left alone."
        ) { $0.refused }
    }
}
