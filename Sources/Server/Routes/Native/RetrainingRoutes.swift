internal import Domain
internal import Hummingbird
internal import Lifecycle
internal import Storage
internal import Wire

/// `/api/v1/retraining`: runs of the policies' retraining commands.
enum RetrainingRoutes {
    static let pageDefault = 100
    static let pageMax = 1_000

    static func add(to router: Router<MartletRequestContext>, retraining: RetrainingParts) {
        let group = router.group("/api/v1/retraining")
        group.get { request, context in
            try context.require(.viewer, to: "list retraining runs")
            return try await page(request, retraining.store)
        }
        group.post { request, context in
            let principal = try context.requirePrincipal()
            let fields = try await NativeRoutes.fields(request)
            let reason = try fields.string("reason") ?? ""
            return try JSONResponse.make(
                try await retraining.service.start(
                    model: try fields.required("model"), reason: reason.isEmpty ? "No reason was given." : reason,
                    by: principal), status: .created)
        }
        group.get(":id") { _, context in
            try context.require(.viewer, to: "read retraining runs")
            let text = try context.parameters.require("id")
            guard let id = Int64(text) else { throw MartletError.notFound("There is no retraining run \(text).") }
            return try JSONResponse.make(try await retraining.store.run(id))
        }
    }

    private static func page(_ request: Request, _ store: RetrainingStore) async throws -> Response {
        let query = request.uri.queryParameters
        let limit = try query["limit"].map { text in
            guard let limit = Int(text), (1...pageMax).contains(limit) else {
                throw MartletError.invalid("limit is a number from 1 to \(pageMax).", field: "limit")
            }
            return limit
        }
        let before = try query["page_token"].map { text in
            guard let id = Int64(text) else {
                throw MartletError.invalid("The page token is not one.", field: "page_token")
            }
            return id
        }
        let found = try await store.runs(
            model: query["model"].map(String.init), before: before, limit: limit ?? pageDefault)
        return try NativeRoutes.list(
            found, nextPageToken: found.count == limit ?? pageDefault ? found.last.map { "\($0.id)" } : nil)
    }
}
