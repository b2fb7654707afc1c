public import Domain

/// Webhooks as MLflow's clients send and read them.
public enum MLflowWebhook {
    /// By the numbers of Protocol Buffers. Prompts and budgets are MLflow's alone.
    private static let entities: [Int64: String] = [
        1: "REGISTERED_MODEL", 2: "MODEL_VERSION", 3: "MODEL_VERSION_TAG", 4: "MODEL_VERSION_ALIAS", 5: "PROMPT",
        6: "PROMPT_VERSION", 7: "PROMPT_TAG", 8: "PROMPT_VERSION_TAG", 9: "PROMPT_ALIAS", 10: "BUDGET_POLICY",
    ]
    private static let actions: [Int64: String] = [1: "CREATED", 2: "UPDATED", 3: "DELETED", 4: "SET", 5: "EXCEEDED"]

    public static func draft(_ request: MLflowRequest) throws(MartletError) -> WebhookDraft {
        var events: [WebhookEvent]?
        if request.has("events") {
            var found: [WebhookEvent] = []
            for item in try request.objects("events") {
                let event = try event(item)
                if !found.contains(event) { found.append(event) }
            }
            events = found
        }
        let status = try request.enumeration("status", [1: "ACTIVE", 2: "DISABLED"])
        return WebhookDraft(
            name: try request.string("name"), description: try request.string("description"),
            url: try request.string("url"), events: events, secret: try request.string("secret"),
            status: status.flatMap(Webhook.Status.init(rawValue:)))
    }

    /// - Throws: `unimplemented` for events of what Martlet does not have, which would never come.
    public static func event(_ request: MLflowRequest) throws(MartletError) -> WebhookEvent {
        guard let entityName = try request.enumeration("entity", entities) else { throw request.missing("entity") }
        guard let actionName = try request.enumeration("action", actions) else { throw request.missing("action") }
        guard let entity = WebhookEvent.Entity(rawValue: entityName.lowercased()) else {
            throw MartletError(
                .unimplemented, "Martlet has no \(entityName.lowercased()), so that no event of one would ever come.")
        }
        guard let action = WebhookEvent.Action(rawValue: actionName.lowercased()) else {
            throw request.missing("action")
        }
        return try WebhookEvent(entity, action)
    }

    /// Never the secret.
    public static func answer(_ webhook: Webhook) -> JSONValue {
        var members: [String: JSONValue] = [
            "webhook_id": .string(webhook.id), "name": .string(webhook.name), "url": .string(webhook.url),
            "status": .string(webhook.status.rawValue),
            "events": .array(
                webhook.events.map {
                    [
                        "entity": .string($0.entity.rawValue.uppercased()),
                        "action": .string($0.action.rawValue.uppercased()),
                    ]
                }),
            "creation_timestamp": .int(webhook.createdAt.milliseconds),
            "last_updated_timestamp": .int(webhook.updatedAt.milliseconds),
        ]
        if let description = webhook.description { members["description"] = .string(description) }
        return .object(members)
    }

    public static func answer(_ outcome: WebhookOutcome) -> JSONValue {
        var members: [String: JSONValue] = ["success": .bool(outcome.isSuccess)]
        if let status = outcome.status { members["response_status"] = .int(Int64(status)) }
        if let body = outcome.body { members["response_body"] = .string(body) }
        if let error = outcome.error { members["error_message"] = .string("Failed to test webhook: \(error)") }
        return .object(members)
    }
}
