public import Domain

extension EndpointPage {
    /// The drift of the champion's features (or of the only version's) as the windows' verdicts tell it, with the newest
    /// window's distribution against the reference.
    public static func drift(_ monitoring: EndpointMonitoring, version: Int) -> [Drift] {
        let windows = monitoring.windows.filter { $0.version == version }
        guard let newest = windows.last(where: { $0.profile != nil }), let live = newest.profile else { return [] }
        let reference = monitoring.references.first { $0.version.version == version }?.profile
        var result = live.features.map { feature in
            drift(
                feature.name, kind: .featureDrift, windows: windows, live: feature,
                reference: reference?.feature(feature.name))
        }
        if let prediction = live.prediction {
            result.append(
                drift(
                    prediction.name, kind: .predictionDrift, windows: windows, live: prediction,
                    reference: reference?.prediction))
        }
        return result
    }

    private static func drift(
        _ name: String, kind: Alert.Kind, windows: [WindowSummary], live: FeatureProfile, reference: FeatureProfile?
    ) -> Drift {
        let verdicts = windows.flatMap(\.verdicts).filter {
            $0.kind == kind && (kind == .predictionDrift || $0.subject == name)
        }
        let title = kind == .predictionDrift ? "prediction" : name
        return Drift(
            feature: title, isDrifted: verdicts.last?.isBroken ?? false, test: verdicts.last?.detail,
            psi: TimeSeriesChart(
                title: "PSI of \(title)", points: verdicts.map { .init(time: $0.windowEnd, value: $0.value) },
                threshold: verdicts.last.map { .init(value: $0.threshold, breaksAbove: true) }),
            histogram: HistogramChart(title: "Distribution of \(title)", bins: bins(live: live, reference: reference)))
    }

    /// Bins that differ cannot be laid side by side: then only the live ones are shown.
    private static func bins(live: FeatureProfile, reference: FeatureProfile?) -> [HistogramChart.Bin] {
        let expected = reference.flatMap { $0.bins == live.bins ? $0.shares : nil }
        return live.shares.enumerated().map { index, share in
            HistogramChart.Bin(label: label(index, of: live.bins), reference: expected?[index] ?? 0, live: share)
        }
    }

    private static func label(_ index: Int, of bins: FeatureProfile.Bins) -> String {
        switch bins {
        case .categorical(let categories):
            return categories.indices.contains(index) ? categories[index] : "(other)"
        case .numeric(let edges):
            guard let last = edges.last else { return "all" }
            return edges.indices.contains(index)
                ? "≤" + NumberText.significant(edges[index], figures: 3)
                : ">" + NumberText.significant(last, figures: 3)
        }
    }

    /// One chart a quality metric that is reported, with the policy's threshold where it has one.
    public static func quality(_ monitoring: EndpointMonitoring, version: Int, policy: Policy?) -> [TimeSeriesChart] {
        let reports = monitoring.quality.filter { $0.version == version }
        let names = Set(reports.flatMap(\.metrics.keys)).sorted()
        return names.map { name in
            let monitor = policy?.monitors.quality.first { $0.metric == name }
            let threshold =
                monitor?.atLeast.map { TimeSeriesChart.Threshold(value: $0, breaksAbove: false) }
                ?? monitor?.atMost.map { TimeSeriesChart.Threshold(value: $0, breaksAbove: true) }
            return TimeSeriesChart(
                title: name,
                points: reports.compactMap { report in
                    report.metrics[name].map { .init(time: report.time, value: $0) }
                }, threshold: threshold, startsAtZero: false)
        }
    }
}

extension EndpointStatus {
    /// Windows that a small line shows.
    private static var historyMax: Int { 30 }

    /// Live figures of each version: the newest stretch of traffic, and the ones before as a small line.
    public static func traffic(_ monitoring: EndpointMonitoring) -> [Traffic] {
        Dictionary(grouping: monitoring.traffic, by: \.version).sorted { $0.key < $1.key }.compactMap {
            version, points in
            guard let last = points.last, last.seconds > 0 else { return nil }
            return Traffic(
                version: version, requestsPerSecond: Double(last.requests) / last.seconds,
                errorShare: last.requests == 0 ? nil : Double(last.errors) / Double(last.requests),
                p99Milliseconds: last.p99Milliseconds,
                history: points.suffix(historyMax).map { $0.seconds > 0 ? Double($0.requests) / $0.seconds : .nan })
        }
    }
}
