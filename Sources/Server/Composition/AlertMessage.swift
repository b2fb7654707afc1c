internal import Domain
internal import Foundation

/// What a webhook is sent: the alert's members in snake case, and what a person reads first.
enum AlertMessage {
    static func json(_ alert: Alert) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var members: [String: JSONValue] = [
            "type": "martlet.alert", "id": .int(alert.id), "endpoint": .string(alert.endpoint),
            "version": .int(Int64(alert.version)), "kind": .string(alert.kind.rawValue),
            "subject": .string(alert.subject), "state": .string(alert.state.rawValue), "detail": .string(alert.detail),
            "value": .double(alert.value), "threshold": .double(alert.threshold),
            "started_at": .int(alert.startedAt.milliseconds), "updated_at": .int(alert.updatedAt.milliseconds),
        ]
        if let resolved = alert.resolvedAt { members["resolved_at"] = .int(resolved.milliseconds) }
        return [UInt8](try encoder.encode(JSONValue.object(members)))
    }
}
