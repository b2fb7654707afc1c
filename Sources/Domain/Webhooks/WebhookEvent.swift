/// What a webhook is told of: a kind of thing and what happened to it. MLflow's names.
public struct WebhookEvent: Sendable, Hashable {
    public enum Entity: String, Sendable, Hashable, CaseIterable {
        case registeredModel = "registered_model"
        case modelVersion = "model_version"
        case modelVersionTag = "model_version_tag"
        case modelVersionAlias = "model_version_alias"
    }

    public enum Action: String, Sendable, Hashable, CaseIterable {
        case created, updated, deleted, set, exceeded
    }

    public var entity: Entity
    public var action: Action

    /// - Throws: `invalidArgument` for what never happens to such a thing.
    public init(_ entity: Entity, _ action: Action) throws(MartletError) {
        let valid = Self.actions(of: entity)
        guard valid.contains(action) else {
            throw .invalid(
                "Invalid action '\(action.rawValue)' for entity '\(entity.rawValue)'. Valid actions are: \(valid.map(\.rawValue).sorted())",
                field: "events")
        }
        self.entity = entity
        self.action = action
    }

    private init(known entity: Entity, _ action: Action) {
        self.entity = entity
        self.action = action
    }

    public static let modelCreated = WebhookEvent(known: .registeredModel, .created)
    public static let versionCreated = WebhookEvent(known: .modelVersion, .created)
    public static let versionTagSet = WebhookEvent(known: .modelVersionTag, .set)
    public static let versionTagDeleted = WebhookEvent(known: .modelVersionTag, .deleted)
    public static let aliasCreated = WebhookEvent(known: .modelVersionAlias, .created)
    public static let aliasDeleted = WebhookEvent(known: .modelVersionAlias, .deleted)

    private static func actions(of entity: Entity) -> [Action] {
        switch entity {
        case .registeredModel, .modelVersion: [.created]
        case .modelVersionTag: [.set, .deleted]
        case .modelVersionAlias: [.created, .deleted]
        }
    }
}

extension WebhookEvent: CustomStringConvertible {
    /// `model_version.created`
    public var description: String { "\(entity.rawValue).\(action.rawValue)" }

    /// - Returns: nil for any other text.
    public init?(_ description: String) {
        let parts = description.split(separator: ".").map(String.init)
        guard parts.count == 2, let entity = Entity(rawValue: parts[0]), let action = Action(rawValue: parts[1]),
            let event = try? WebhookEvent(entity, action)
        else { return nil }
        self = event
    }
}
