internal import Domain
internal import Hummingbird
internal import Monitoring
internal import Wire

/// What a server of a model repository answers besides the inference protocols.
enum RepositoryServerRoutes {
    /// - Parameter isMetricsOpen: whether metrics need no key, by configuration.
    static func add(
        to router: Router<MartletRequestContext>, parts: InferenceParts, meter: TrafficMeter, isMetricsOpen: Bool
    ) {
        // Its first use sets it.
        _ = ProcessFigures.startedAt
        router.get("/") { _, _ in try JSONResponse.make(["status": "alive"]) }
        router.get("/health") { _, _ in
            JSONResponse.bytes("OK".utf8, contentType: "text/plain; charset=utf-8")
        }
        router.get("/metrics") { request, context in
            if !isMetricsOpen { try context.require(.viewer, to: "read metrics") }
            let format = PrometheusWriter.Format(accept: request.headers[.accept])
            let text = MetricsPage.text(
                traffic: await meter.traffic(), dropped: meter.droppedCount,
                entries: try await parts.repository.index(), parts: parts, format: format)
            return JSONResponse.bytes(text.utf8, contentType: format.contentType)
        }
    }
}
