/// What somebody asks of a webhook: all that is nil stays as it is, or takes its default.
public struct WebhookDraft: Sendable {
    public var name: String?
    public var description: String?
    public var url: String?
    public var events: [WebhookEvent]?
    /// Empty takes the secret away.
    public var secret: String?
    public var status: Webhook.Status?

    public init(
        name: String? = nil, description: String? = nil, url: String? = nil, events: [WebhookEvent]? = nil,
        secret: String? = nil, status: Webhook.Status? = nil
    ) {
        self.name = name
        self.description = description
        self.url = url
        self.events = events
        self.secret = secret
        self.status = status
    }

    /// - Throws: `invalidArgument` in MLflow's words, naming the rule.
    public func check() throws(MartletError) {
        if let name { try WebhookRules.check(name: name) }
        if let url { try WebhookRules.check(url: url) }
        if let events, events.isEmpty {
            throw .invalid("Webhook events must be a non-empty list of WebhookEvent objects: [].", field: "events")
        }
        if let events, events.count > WebhookRules.eventsMax {
            throw .invalid("A webhook may have \(WebhookRules.eventsMax) events.", field: "events")
        }
        try TrackingLimits.checkLength(
            description ?? "", max: WebhookRules.descriptionCharactersMax, of: "description")
        try TrackingLimits.checkLength(secret ?? "", max: WebhookRules.secretCharactersMax, of: "secret")
    }
}
