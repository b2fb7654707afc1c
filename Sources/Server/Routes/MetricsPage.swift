internal import Domain
internal import Monitoring
internal import Serving
internal import Wire

/// What `/metrics` tells.
enum MetricsPage {
    /// Series of drift and shares: the largest values first; features beyond it are in the API.
    static let driftSeriesMax = 1_000

    static func text(
        _ monitoring: MonitoringParts, plane: DataPlane?, limiter: RequestLimiter?, format: PrometheusWriter.Format
    ) async -> String {
        var writer = PrometheusWriter(format)
        let totals = await monitoring.pump.traffic
        traffic(totals, &writer)
        inputFlags(totals, &writer)
        if let plane { write(plane, &writer) }
        if let limiter { write(limiter.refusals, &writer) }
        verdicts(await monitoring.evaluator.newest, &writer)
        quality(await monitoring.evaluator.newestQuality, &writer)
        alerts(await monitoring.evaluator.openAlerts, &writer)
        var dropped = await monitoring.pump.dropped
        dropped["webhook"] = monitoring.notifier.droppedCount
        writer.family(
            "martlet_dropped_total", .counter, "What was lost because a bounded buffer was full, by kind.",
            dropped.sorted { $0.key < $1.key }.map { .init([("kind", $0.key)], Double($0.value)) })
        ProcessFigures.write(to: &writer)
        return writer.finish()
    }

    private static func labels(_ key: TrafficTotals.Key) -> [(name: String, value: String)] {
        [("endpoint", key.endpoint), ("version", "\(key.version)"), ("role", key.role.rawValue)]
    }

    static func traffic(_ traffic: TrafficTotals, _ writer: inout PrometheusWriter) {
        let series = traffic.totals.sorted {
            ($0.key.endpoint, $0.key.version, $0.key.role.rawValue) < (
                $1.key.endpoint, $1.key.version, $1.key.role.rawValue
            )
        }
        writer.family(
            "martlet_requests_total", .counter,
            "Inference requests by outcome: succeeded, error (the server's fault) or rejected (the caller's).",
            series.flatMap { key, totals in
                [("succeeded", totals.succeeded), ("error", totals.errors), ("rejected", totals.rejected)].map {
                    .init(labels(key) + [("outcome", $0.0)], Double($0.1))
                }
            })
        writer.family(
            "martlet_predicted_rows_total", .counter, "Rows predicted.",
            series.map { .init(labels($0.key), Double($0.value.rows)) })
        writer.histogram(
            "martlet_request_duration_seconds", "Time from reading an inference request to its answer, of successes.",
            series.map {
                .init(
                    labels: labels($0.key), cumulative: $0.value.latencyBuckets, count: $0.value.succeeded,
                    sum: $0.value.latencySumSeconds)
            })
    }

    private static func inputFlags(_ traffic: TrafficTotals, _ writer: inout PrometheusWriter) {
        let series = traffic.inputFlags.sorted {
            ($0.key.endpoint, $0.key.version, $0.key.feature, $0.key.reason.rawValue)
                < ($1.key.endpoint, $1.key.version, $1.key.feature, $1.key.reason.rawValue)
        }
        writer.family(
            "martlet_input_flags_total", .counter,
            "Rows with a value outside the policy's validation, by feature, reason and outcome: flagged, clipped or rejected.",
            series.map { key, rows in
                .init(
                    [
                        ("endpoint", key.endpoint), ("version", "\(key.version)"), ("feature", key.feature),
                        ("reason", key.reason.rawValue), ("outcome", key.outcome.rawValue),
                    ], Double(rows))
            })
    }

    private static func verdicts(_ verdicts: [MonitorVerdict], _ writer: inout PrometheusWriter) {
        func samples(_ kind: Alert.Kind, _ label: String?) -> [PrometheusWriter.Sample] {
            verdicts.filter { $0.kind == kind }
                .sorted { ($1.value, $0.endpoint, $0.subject) < ($0.value, $1.endpoint, $1.subject) }
                .prefix(driftSeriesMax)
                .map { verdict in
                    let place = [
                        (name: "endpoint", value: verdict.endpoint), (name: "version", value: "\(verdict.version)"),
                    ]
                    return .init(place + (label.map { [(name: $0, value: verdict.subject)] } ?? []), verdict.value)
                }
        }
        writer.family(
            "martlet_feature_drift_psi", .gauge,
            "Population stability index of each feature's newest window against its reference.",
            samples(.featureDrift, "feature"))
        writer.family(
            "martlet_prediction_drift_psi", .gauge,
            "Population stability index of the newest window's predictions against their reference.",
            samples(.predictionDrift, nil))
        writer.family(
            "martlet_missing_values_ratio", .gauge, "Share of missing values in the newest window.",
            samples(.missingValues, "feature"))
        writer.family(
            "martlet_out_of_range_ratio", .gauge,
            "Share of values outside the reference's range or categories in the newest window.",
            samples(.outOfRange, "feature"))
    }

    private static func quality(_ reports: [QualityReport], _ writer: inout PrometheusWriter) {
        let sorted = reports.sorted { ($0.endpoint, $0.version) < ($1.endpoint, $1.version) }
        func labels(_ report: QualityReport) -> [(name: String, value: String)] {
            [("endpoint", report.endpoint), ("version", "\(report.version)")]
        }
        func named(_ values: KeyPath<QualityReport, [String: Double]>, _ label: String) -> [PrometheusWriter.Sample] {
            sorted.flatMap { report in
                report[keyPath: values].sorted { $0.key < $1.key }.map {
                    .init(labels(report) + [(label, $0.key)], $0.value)
                }
            }
        }
        writer.family(
            "martlet_model_quality", .gauge, "Quality over the newest labelled rows, by metric.",
            named(\.metrics, "metric"))
        writer.family(
            "martlet_business_figure_mean", .gauge, "Mean of a business figure from feedback.", named(\.kpis, "kpi"))
        writer.family(
            "martlet_labelled_rows", .gauge, "Labelled rows that the quality is based on.",
            sorted.map { .init(labels($0), Double($0.labels)) })
    }

    private static func alerts(_ alerts: [Alert], _ writer: inout PrometheusWriter) {
        struct Key: Hashable {
            var endpoint: String
            var kind: Alert.Kind
            var state: Alert.State
        }
        let counts = Dictionary(
            alerts.map { (Key(endpoint: $0.endpoint, kind: $0.kind, state: $0.state), 1) }, uniquingKeysWith: +)
        let sorted = counts.sorted {
            ($0.key.endpoint, $0.key.kind.rawValue, $0.key.state.rawValue)
                < ($1.key.endpoint, $1.key.kind.rawValue, $1.key.state.rawValue)
        }
        writer.family(
            "martlet_open_alerts", .gauge, "Alerts that are pending or firing.",
            sorted.map {
                .init(
                    [("endpoint", $0.key.endpoint), ("kind", $0.key.kind.rawValue), ("state", $0.key.state.rawValue)],
                    Double($0.value))
            })
    }
}
