internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// What MLflow lacks, under `/api/v1`: JSON with snake_case members, RFC 9457 errors, lists as `{"items": […]}`.
enum NativeRoutes {
    static let bodyBytesMax = 1 << 20

    static func add(to router: Router<MartletRequestContext>, services: Services, authenticator: Authenticator) {
        let group = router.group("/api/v1")
        AccountRoutes(accounts: services.accounts, keys: services.keys, authenticator: authenticator).add(to: group)
        AuditRoutes(services: services).add(to: group)
        BackupRoutes(services: services).add(to: group)
        CollectionRoutes(services: services).add(to: group)
        ImportRoutes(services: services).add(to: group)
        ModelRoutes(
            registry: services.registryReader, preparations: services.preparations,
            optimizations: services.optimizedVersions, entries: services.lineage.entries, clock: services.clock
        ).add(to: group)
        OptimizationRoutes(optimizer: services.optimizer).add(to: group)
        HistoryRoutes(history: RegistryHistory(database: services.registry)).add(to: group)
        AliasRuleRoutes(rules: AliasRuleStore(database: services.registry, clock: services.clock)).add(to: group)
        ArtifactRoutes(parts: services.artifactParts, observations: services.observations).add(to: group)
        SignatureRoutes(
            signing: services.signing, policies: services.governance.policies, preparer: services.preparer,
            publisher: services.rollouts.publisher
        ).add(to: group)
        BOMRoutes(registry: services.registryReader, policies: services.governance.policies, clock: services.clock)
            .add(to: group)
        PolicyRoutes(governance: services.governance).add(to: group)
        ReadinessRoutes(readiness: services.governance.readiness).add(to: group)
        WebhookRoutes(store: services.webhooks.store).add(to: group)
        ApprovalRoutes(governance: services.governance).add(to: group)
        DatasetRoutes(intake: services.lineage.intake).add(to: group)
        LineageRoutes(lineage: services.lineage.lineage).add(to: group)
    }

    /// The fields of a JSON body.
    static func fields(_ request: Request) async throws -> MLflowRequest {
        let body = try await request.body.collect(upTo: bodyBytesMax)
        return try MLflowRequest(body: Array(buffer: body))
    }

    static func list<Item: Encodable>(_ items: [Item], nextPageToken: String? = nil) throws -> Response {
        try JSONResponse.make(ListPage(items: items, nextPageToken: nextPageToken))
    }
}

/// One page of a list, as every list of the native API is sent.
private struct ListPage<Item: Encodable>: Encodable {
    var items: [Item]
    var nextPageToken: String?
}
