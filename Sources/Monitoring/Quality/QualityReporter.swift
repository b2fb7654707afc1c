import Domain

/// Quality of each version of an endpoint from feedback.
struct QualityReporter: Sendable {
    /// Rows of one version that count, newest first: quality is of the present.
    static let rowsMax = 2_000
    /// Older predictions say nothing of the present.
    static let daysMax = 30.0

    let join: LabelJoin

    /// Labelled rows by version, newest first.
    func rows(endpoint: String, since: Timestamp) async throws -> [Int: [QualityMetrics.Row]] {
        Dictionary(grouping: try await join.rows(endpoint: endpoint, since: since), by: \.outcome.version)
    }

    /// One report a version with labels or business figures, lowest version first.
    func reports(
        endpoint: String, rows: [Int: [QualityMetrics.Row]], policy: Policy?, now: Timestamp
    ) async throws -> [QualityReport] {
        let kpis = try await join.kpis(endpoint: endpoint, since: now.adding(seconds: -Self.daysMax * 86_400))
        return Set(rows.keys).union(kpis.keys).sorted().map { version in
            let newest = Array((rows[version] ?? []).prefix(Self.rowsMax))
            return QualityReport(
                endpoint: endpoint, version: version, time: now, labels: newest.count,
                metrics: QualityMetrics.compute(newest, task: policy?.task, positive: policy?.positiveClass ?? "1"),
                kpis: kpis[version] ?? [:])
        }
    }

    /// What the policy's quality monitors say of a version: each judges its newest `labelsAtLeast` rows, and none with fewer.
    func verdicts(
        endpoint: String, version: Int, rows: [QualityMetrics.Row], policy: Policy?, now: Timestamp
    ) -> [MonitorVerdict] {
        (policy?.monitors.quality ?? []).compactMap { monitor in
            guard rows.count >= monitor.labelsAtLeast, monitor.labelsAtLeast > 0 else { return nil }
            let newest = Array(rows.prefix(monitor.labelsAtLeast))
            let metrics = QualityMetrics.compute(newest, task: policy?.task, positive: policy?.positiveClass ?? "1")
            guard let value = metrics[monitor.metric] else { return nil }
            let isLow = monitor.atLeast.map { value < $0 } ?? false
            let isHigh = monitor.atMost.map { value > $0 } ?? false
            let threshold = isHigh ? monitor.atMost ?? 0 : monitor.atLeast ?? monitor.atMost ?? 0
            let side = isHigh || monitor.atLeast == nil ? "at most" : "at least"
            return MonitorVerdict(
                endpoint: endpoint, version: version, windowStart: newest[newest.count - 1].outcome.time,
                windowEnd: now, kind: .quality, subject: monitor.metric, value: value, threshold: threshold,
                rows: newest.count, isBroken: isLow || isHigh,
                detail: "\(monitor.metric) over the newest \(newest.count) labels is \(Figure.text(value)); "
                    + "\(side) \(Figure.text(threshold)) is asked for.")
        }
    }
}
