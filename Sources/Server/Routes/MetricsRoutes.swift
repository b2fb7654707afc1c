internal import Domain
internal import Hummingbird
internal import Monitoring
internal import Serving
internal import Wire

/// Metrics for Prometheus.
enum MetricsRoutes {
    /// - Parameters:
    ///   - plane: nil tells nothing of what it refused and mended.
    ///   - isOpen: whether no key is needed, by configuration.
    static func add(
        to router: Router<MartletRequestContext>, monitoring: MonitoringParts, plane: DataPlane? = nil,
        limiter: RequestLimiter? = nil, isOpen: Bool
    ) {
        // Its first use sets it.
        _ = ProcessFigures.startedAt
        router.get("/metrics") { request, context in
            if !isOpen { try context.require(.viewer, to: "read metrics") }
            let format = PrometheusWriter.Format(accept: request.headers[.accept])
            let text = await MetricsPage.text(monitoring, plane: plane, limiter: limiter, format: format)
            return JSONResponse.bytes(text.utf8, contentType: format.contentType)
        }
    }
}
