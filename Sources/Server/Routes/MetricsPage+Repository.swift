internal import Domain
internal import Monitoring
internal import Serving
internal import Wire

extension MetricsPage {
    /// What `/metrics` tells of a server of a model repository.
    static func text(
        traffic totals: TrafficTotals, dropped: Int, entries: [RepositoryEntry], parts: InferenceParts,
        format: PrometheusWriter.Format
    ) -> String {
        var writer = PrometheusWriter(format)
        traffic(totals, &writer)
        write(parts.plane, &writer)
        write(parts.limiter.refusals, &writer)
        let ready = entries.count(where: \.isReady)
        writer.family(
            "martlet_repository_versions", .gauge, "Versions of the model repository, by whether they can be called.",
            [
                .init([("state", "ready")], Double(ready)),
                .init([("state", "unavailable")], Double(entries.count - ready)),
            ])
        writer.family(
            "martlet_dropped_total", .counter, "What was lost because a bounded buffer was full, by kind.",
            [.init([("kind", "observation")], Double(dropped))])
        ProcessFigures.write(to: &writer)
        return writer.finish()
    }
}
