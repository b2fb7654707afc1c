internal import Dashboard
internal import Domain
internal import Foundation
internal import Hummingbird
internal import Wire

/// The pages for people, and the files that they load. Signing in and out is `Auth`'s.
enum DashboardRoutes {
    static func add(to router: Router<MartletRequestContext>, services: Services, reading: any DashboardReading) {
        for asset in EmbeddedAsset.all {
            router.get("/assets/\(asset.name)") { _, _ in asset.response }
        }
        router.get("/favicon.ico") { _, _ in
            PageResponse.redirect(to: .asset("mark.svg", version: EmbeddedAsset.version))
        }
        router.get("/") { request, _ in
            // Browsers ask for a page; KServe's clients ask here whether the server lives.
            let isBrowser = request.headers[.accept]?.contains("text/html") == true
            return try isBrowser ? PageResponse.redirect(to: .models) : JSONResponse.make(["status": "alive"])
        }
        let pages = Pages(router: router, services: services)
        pages.add("/models") { request, _ in try await reading.models(after: query("after", request)) }
        pages.add("/models/:model") { request, context in
            try await reading.model(text("model", context), before: query("before", request).flatMap { Int($0) })
        }
        pages.add("/models/:model/versions/:version") { _, context in
            let version = try number("version", context)
            guard let number = Int(exactly: version), number > 0 else {
                throw MartletError.notFound("Versions are numbered 1, 2, 3 …; \(version) is none.")
            }
            return try await reading.version(ModelVersionID(model: text("model", context), version: number))
        }
        pages.add("/models/:model/history") { request, context in
            let fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
            return try await reading.history(
                text("model", context), matching: try HistoryRoutes.query(fields), at: query("at", request) ?? "",
                before: key(request))
        }
        pages.add("/endpoints") { request, _ in try await reading.endpoints(after: query("after", request)) }
        pages.add("/endpoints/:endpoint") { request, context in
            let hours = query("hours", request).flatMap { Int($0) } ?? 1
            return try await reading.endpoint(
                text("endpoint", context), hours: EndpointPage.hoursOffered.contains(hours) ? hours : 1)
        }
        pages.add("/rollouts") { request, _ in try await reading.rollouts(before: key(request)) }
        pages.add("/rollouts/:id") { _, context in try await reading.rollout(number("id", context)) }
        pages.add("/alerts") { request, _ in
            try await reading.alerts(includingResolved: query("state", request) == "all", before: key(request))
        }
        pages.add("/retraining") { request, _ in try await reading.retraining(before: key(request)) }
        pages.add("/retraining/:id") { _, context in try await reading.retrainingRun(number("id", context)) }
        pages.add("/audit") { request, _ in try await reading.audit(before: key(request)) }
        addLineage(to: pages, reading: reading)
        pages.add("/predictions") { request, _ in
            guard let id = query("id", request), !id.isEmpty else { return PredictionPage() }
            return try await reading.prediction(id)
        }
    }

    /// Data sets and what came from what.
    private static func addLineage(to pages: Pages, reading: any DashboardReading) {
        pages.add("/datasets") { request, _ in try await reading.datasets(after: query("after", request)) }
        pages.add("/datasets/:dataset") { request, context in
            try await reading.dataset(text("dataset", context), before: query("before", request).flatMap { Int($0) })
        }
        pages.add("/datasets/:dataset/versions/:version") { _, context in
            try await reading.datasetVersion(text("dataset", context), Int(clamping: number("version", context)))
        }
        pages.add("/datasets/:dataset/diff") { request, context in
            guard let from = query("from", request).flatMap({ Int($0) }),
                let to = query("to", request).flatMap({ Int($0) })
            else { throw MartletError.notFound("A difference is between two versions by their numbers: from and to.") }
            return try await reading.datasetDiff(text("dataset", context), from: from, to: to)
        }
        pages.add("/lineage") { request, _ in
            guard let reference = query("of", request), !reference.isEmpty else { return LineagePage() }
            return try await reading.lineage(of: reference)
        }
    }

    /// Adds pages that a viewer may see.
    private struct Pages {
        let router: Router<MartletRequestContext>
        let services: Services

        func add<P: Page>(
            _ path: RouterPath, page: @escaping @Sendable (Request, MartletRequestContext) async throws -> P
        ) {
            let services = services
            router.get(path) { request, context in
                let principal = try context.require(.viewer, to: "read the dashboard")
                return PageResponse.make(
                    try await page(request, context), services: services, principal: principal,
                    csrfToken: context.csrfToken)
            }
        }
    }

    /// A part of the query; nil if it is not there.
    private static func query(_ name: String, _ request: Request) -> String? {
        request.uri.queryParameters[name[...]].map(String.init)
    }

    /// Where the next page of a list begins; nil, the first page, where it is no number.
    private static func key(_ request: Request) -> Int64? { query("before", request).flatMap { Int64($0) } }

    /// A segment of the path, percent-decoded.
    private static func text(_ name: String, _ context: MartletRequestContext) throws -> String {
        guard let text = try context.parameters.require(name).removingPercentEncoding else {
            throw MartletError.notFound("The path is not percent-encoded UTF-8.")
        }
        return text
    }

    private static func number(_ name: String, _ context: MartletRequestContext) throws -> Int64 {
        let text = try text(name, context)
        guard let number = Int64(text) else { throw MartletError.notFound("“\(text.prefix(100))” is not a number.") }
        return number
    }
}
