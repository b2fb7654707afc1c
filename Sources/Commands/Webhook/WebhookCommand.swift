internal import ArgumentParser
internal import Domain

/// `martlet webhook`.
struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Who is told of the registry's changes, and what came of it. MLflow's client makes webhooks.",
        subcommands: [WebhookList.self, WebhookShow.self, WebhookDeliveries.self, WebhookRedeliver.self])

    static let fields: [Column] = [
        Column("Webhook", "id"), Column("Name", "name"), Column("URL", "url"), Column("Status", "status"),
        Column("Events") { events($0) }, Column("Signed", "is_signed"), Column("Description", "description"),
        .time("Created", "created_at"), .time("Updated", "updated_at"),
    ]

    static let deliveryFields: [Column] = [
        Column("Delivery", "id"), Column("Webhook", "webhook_id"), Column("Event", "event"), Column("State", "state"),
        Column("Attempts", "attempts"), Column("Status of the answer", "response_status"), Column("Error", "error"),
        .time("Created", "created_at"), .time("Next attempt", "next_attempt_at"), .time("Finished", "finished_at"),
        Column("Payload", "payload"),
    ]

    static func events(_ webhook: JSONValue) -> String {
        (webhook["events"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
    }
}
