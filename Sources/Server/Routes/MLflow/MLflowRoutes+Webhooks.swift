internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// Webhooks send what happens here to others, and their addresses may hold tokens: operators see and change them.
extension MLflowRoutes {
    func addWebhooks(to table: MLflowRouteTable) {
        table.post("webhooks", role: .operator) { request, principal in
            _ = try request.required("name")
            _ = try request.required("url")
            guard request.has("events") else { throw MLflowRequest.missing("events") }
            return answer(try await webhooks.store.create(try MLflowWebhook.draft(request), by: principal))
        }
        table.fetch("webhooks", role: .operator) { request, _ in
            let page = try await webhooks.store.webhooks(
                limit: try Self.limit(request, default: 100, max: 1000),
                offset: try MLflowPageToken.decode(try request.string("page_token")))
            return MLflowAnswer.page(
                "webhooks", page.items.map { MLflowWebhook.answer($0) }, nextOffset: page.nextOffset)
        }
        table.fetch("webhooks/{webhook_id}", role: .operator) { request, _ in
            answer(try await webhooks.store.webhook(try request.required("webhook_id")))
        }
        table.patch("webhooks/{webhook_id}", role: .operator) { request, principal in
            var draft = try MLflowWebhook.draft(request)
            // Empty ones change nothing, as in MLflow; an empty description or secret takes it away.
            if draft.name?.isEmpty == true { draft.name = nil }
            if draft.url?.isEmpty == true { draft.url = nil }
            if draft.events?.isEmpty == true { draft.events = nil }
            return answer(
                try await webhooks.store.update(try request.required("webhook_id"), draft, by: principal))
        }
        table.delete("webhooks/{webhook_id}", role: .operator) { request, principal in
            try await webhooks.store.delete(try request.required("webhook_id"), by: principal)
            return [:]
        }
        table.post("webhooks/{webhook_id}/test", role: .operator) { request, _ in
            let id = try request.required("webhook_id")
            let webhook = try await webhooks.store.webhook(id)
            let asked = try request.object("event").map { try MLflowWebhook.event($0) }
            guard let event = asked ?? webhook.events.first else {
                throw MartletError.precondition("The webhook has no events.")
            }
            let parcel = try await webhooks.store.parcel(to: id, event, WebhookExample.data(of: event))
            return ["result": MLflowWebhook.answer(await webhooks.sender.send(parcel))]
        }
    }

    private func answer(_ webhook: Webhook) -> JSONValue { ["webhook": MLflowWebhook.answer(webhook)] }
}
