internal import Domain
internal import Storage

extension Bootstrap {
    /// - Throws: what reading or making the key of their secrets throws.
    func makeWebhooks(registry: Database, cipher: ColumnCipher, clock: any WallClock) throws -> WebhookParts {
        let sealer = try FileKeySealer(path: configuration.dataDirectory + "/keys/webhooks.key")
        let store = WebhookStore(database: registry, clock: clock, sealer: sealer, cipher: cipher)
        let sender = HTTPWebhookSender(
            resolver: WebhookResolver(reachesPrivate: configuration.webhooksReachPrivate), clock: clock)
        return WebhookParts(
            store: store, sender: sender,
            service: WebhookDeliveryService(store: store, sender: sender, clock: clock, logger: logger))
    }
}
