internal import Domain
internal import Hummingbird
internal import Monitoring
internal import Wire

/// Metrics for Prometheus.
enum MetricsRoutes {
    /// - Parameter isOpen: whether no key is needed, by configuration.
    static func add(to router: Router<MartletRequestContext>, monitoring: MonitoringParts, isOpen: Bool) {
        // Its first use sets it.
        _ = ProcessFigures.startedAt
        router.get("/metrics") { request, context in
            if !isOpen { try context.require(.viewer, to: "read metrics") }
            let format = PrometheusWriter.Format(accept: request.headers[.accept])
            let text = await MetricsPage.text(monitoring, format: format)
            return JSONResponse.bytes(text.utf8, contentType: format.contentType)
        }
    }
}
