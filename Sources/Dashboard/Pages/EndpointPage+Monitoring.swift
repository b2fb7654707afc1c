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

    /// Bars of a histogram of numbers. Tests use up to 100 bins; so many bars are a comb that nobody can read.
    private static var barsMax: Int { 20 }

    /// Bins that differ cannot be laid side by side: then only the live ones are shown.
    static func bins(live: FeatureProfile, reference: FeatureProfile?) -> [HistogramChart.Bin] {
        let expected = reference.flatMap { $0.bins == live.bins ? $0.shares : nil }
        let shares = live.shares
        // Categories have no neighbours that they could be put together with.
        var width = 1
        if case .numeric = live.bins { width = max(1, (shares.count + barsMax - 1) / barsMax) }
        return stride(from: 0, to: shares.count, by: width).map { start in
            let range = start..<min(start + width, shares.count)
            return HistogramChart.Bin(
                label: label(range, of: live.bins), reference: expected?[range].reduce(0, +) ?? 0,
                live: shares[range].reduce(0, +))
        }
    }

    private static func label(_ range: Range<Int>, of bins: FeatureProfile.Bins) -> String {
        switch bins {
        case .categorical(let categories):
            return categories.indices.contains(range.lowerBound) ? categories[range.lowerBound] : "(other)"
        case .numeric(let edges):
            guard !edges.isEmpty else { return "all" }
            let last = range.upperBound - 1
            return edges.indices.contains(last)
                ? "≤" + NumberText.significant(edges[last], figures: 3)
                : ">" + NumberText.significant(edges[max(0, range.lowerBound - 1)], figures: 3)
        }
    }

    /// Requests, failures and latency of what callers got, stretch by stretch. Stretches without traffic are gaps in latency.
    public static func performance(_ monitoring: EndpointMonitoring) -> [TimeSeriesChart] {
        // The stretch under way is not full yet, and would look like a fall.
        let closed = monitoring.traffic.filter { $0.start.adding(seconds: $0.seconds) <= monitoring.time }
        guard let first = closed.first, let last = closed.last, first.seconds > 0 else { return [] }
        let step = Int64(first.seconds * 1000)
        let starts = stride(from: first.start.milliseconds, through: last.start.milliseconds, by: Int(step))
            .map { Timestamp(milliseconds: $0) }
        let answered = Dictionary(grouping: closed.filter { $0.role != .shadow }, by: \.start)
        let requests = starts.map { start in
            TimeSeriesChart.Point(
                time: start,
                value: Double(answered[start]?.reduce(0) { $0 + $1.requests } ?? 0) / first.seconds)
        }
        let errors = starts.map { start in
            let points = answered[start] ?? []
            let all = points.reduce(0) { $0 + $1.requests }
            return TimeSeriesChart.Point(
                time: start, value: all == 0 ? .nan : 100 * Double(points.reduce(0) { $0 + $1.errors }) / Double(all))
        }
        return [
            TimeSeriesChart(title: "Requests a second", points: requests, threshold: nil),
            TimeSeriesChart(title: "Failed by the server, %", points: errors, threshold: nil),
        ]
            + Set(closed.map(\.version)).sorted().suffix(versionsMax).map { version in
                latency(closed.filter { $0.version == version }, version: version, starts: starts)
            }
    }

    /// Versions with a latency chart: champion, candidate and the one before.
    private static var versionsMax: Int { 3 }

    private static func latency(
        _ traffic: [EndpointMonitoring.TrafficPoint], version: Int, starts: [Timestamp]
    ) -> TimeSeriesChart {
        let values = Dictionary(traffic.map { ($0.start, $0.p99Milliseconds) }) { first, second in first ?? second }
        return TimeSeriesChart(
            title: "p99 latency of v\(version), ms",
            points: starts.map { .init(time: $0, value: (values[$0] ?? nil) ?? .nan) }, threshold: nil)
    }

    /// What the live traffic is compared with, as a sentence; nil where there is no reference yet.
    public static func reference(_ monitoring: EndpointMonitoring, version: Int) -> String? {
        guard let reference = monitoring.references.first(where: { $0.version.version == version }) else { return nil }
        let origin =
            switch reference.origin {
            case .trainingData: "The reference is the data set logged with the run."
            case .firstLiveRows:
                "No data set was logged with the run, so the first live rows are the reference: drift that was there "
                    + "from the beginning cannot be seen."
            }
        return origin + " " + reference.detail
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
