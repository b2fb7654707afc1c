internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// `/webhooks`: what was sent to them and what came of it. Webhooks themselves are made through MLflow's API.
struct WebhookRoutes: Sendable {
    private struct Row: Encodable {
        var id: String
        var name: String
        var description: String?
        var url: String
        var events: [String]
        var status: String
        var isSigned: Bool
        var createdAt: Timestamp
        var updatedAt: Timestamp

        init(_ webhook: Webhook) {
            id = webhook.id
            name = webhook.name
            description = webhook.description
            url = webhook.url
            events = webhook.events.map(\.description)
            status = webhook.status.rawValue
            isSigned = webhook.hasSecret
            createdAt = webhook.createdAt
            updatedAt = webhook.updatedAt
        }
    }

    let store: WebhookStore

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("webhooks") { request, context in
            try context.require(.operator, to: "list webhooks")
            let (limit, offset, _) = try Self.page(request)
            let page = try await store.webhooks(limit: limit, offset: offset)
            return try NativeRoutes.list(
                page.items.map(Row.init), nextPageToken: page.nextOffset.map(MLflowPageToken.encode))
        }
        group.get("webhooks/:id") { _, context in
            try context.require(.operator, to: "read webhooks")
            return try JSONResponse.make(Row(try await store.webhook(try ModelRoutes.text("id", context))))
        }
        group.get("webhooks/:id/deliveries") { request, context in
            try context.require(.operator, to: "read webhooks")
            let (limit, offset, query) = try Self.page(request)
            let text = try query.string("state")
            let state = text.flatMap(WebhookDelivery.State.init(rawValue:))
            guard (text == nil) == (state == nil) else {
                throw MartletError.invalid("state is pending, delivered or failed.", field: "state")
            }
            let page = try await store.deliveries(
                of: try ModelRoutes.text("id", context), state: state, limit: limit, offset: offset)
            return try NativeRoutes.list(page.items, nextPageToken: page.nextOffset.map(MLflowPageToken.encode))
        }
        group.post("webhooks/:id/deliveries/:delivery/redeliver") { _, context in
            let actor = try context.require(.operator, to: "send webhooks again")
            return try JSONResponse.make(
                try await store.redeliver(
                    try ModelRoutes.text("delivery", context), of: try ModelRoutes.text("id", context), by: actor))
        }
    }

    /// `max_results` is 1…1,000, 100 unless given.
    private static func page(_ request: Request) throws -> (limit: Int, offset: Int, query: MLflowRequest) {
        let query = MLflowRequest(query: QueryItems.parse(request.uri.query))
        return (
            try MLflowRoutes.limit(query, default: 100, max: 1000),
            try MLflowPageToken.decode(try query.string("page_token")), query
        )
    }
}
