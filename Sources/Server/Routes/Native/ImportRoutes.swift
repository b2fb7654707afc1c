internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// `/api/v1/imports/mlflow`: takes over what another MLflow server holds, in MLflow's own messages as that server gave them.
/// Administrators only: ids, times and users are taken as they come. Artifacts are stored through MLflow's artifact proxy, before
/// the versions that are made of them.
struct ImportRoutes: Sendable {
    /// A request's body at most: a batch of metric points or of runs with their data sets' profiles.
    static let bodyBytesMax = 64 << 20
    static let pageMax = 10_000

    let imports: ImportStore
    let championGuard: any ChampionAliasGuard
    let versionListener: any VersionCreatedListener

    init(services: Services) {
        imports = ImportStore(
            database: services.registry, clock: services.clock, signer: services.signing.signer)
        championGuard = services.championGuard
        versionListener = services.versionListener
    }

    private struct Completed: Encodable {
        var id: String
        var fingerprint: String
    }

    func add(to group: RouterGroup<MartletRequestContext>) {
        post("experiments", to: group) { fields, source, actor in
            try await imports.experiments(
                try fields.objects("items").map(MLflowEntity.experiment), from: source, by: actor)
        }
        post("runs", to: group) { fields, source, actor in
            try await imports.runs(try fields.objects("items").map(MLflowEntity.run), from: source, by: actor)
        }
        post("metrics", to: group) { fields, source, _ in
            let id = try fields.required("run_id")
            try await imports.points(try fields.objects("items").map(MLflowEntity.point), ofRun: id, from: source)
            return []
        }
        post("logged-models", to: group) { fields, source, actor in
            try await imports.loggedModels(
                try fields.objects("items").map(MLflowEntity.loggedModel), from: source, by: actor)
        }
        post("registered-models", to: group) { fields, source, actor in
            try await imports.registeredModels(
                try fields.objects("items").map(MLflowEntity.registeredModel), from: source, by: actor)
        }
        post("model-versions", to: group) { fields, source, actor in
            let versions = try fields.objects("items").map(MLflowEntity.modelVersion)
            let outcomes = try await imports.versions(versions, from: source, by: actor)
            for (version, outcome) in zip(versions, outcomes) where outcome.result == .created {
                versionListener.versionCreated(version.id)
            }
            return outcomes
        }
        post("aliases", to: group) { fields, source, actor in
            let model = try MLflowEntity.registeredModel(fields)
            let champion = try await championGuard.championAlias(model: model.name)
            return try await imports.aliases(of: model.name, model.aliases, from: source, by: actor) { $0 == champion }
        }
        addState(to: group)
    }

    private func addState(to group: RouterGroup<MartletRequestContext>) {
        post("completed", to: group) { fields, source, _ in
            let items = try fields.objects("items").map {
                (id: try $0.required("id"), fingerprint: try $0.required("fingerprint"))
            }
            try await imports.complete(source, kind: try Self.kind(fields), items: items)
            return []
        }
        group.get("imports/mlflow/completed") { request, context in
            try context.require(.administrator, to: "import")
            let fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
            let found = try await imports.completed(
                try fields.required("source"), kind: try Self.kind(fields),
                after: try fields.string("page_token") ?? "", limit: Self.pageMax)
            return try NativeRoutes.list(
                found.map { Completed(id: $0.id, fingerprint: $0.fingerprint) },
                nextPageToken: found.count == Self.pageMax ? found.last?.id : nil)
        }
        group.get("imports/mlflow/files") { request, context in
            try context.require(.administrator, to: "import")
            let fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
            let found = try await imports.files(
                under: try fields.required("folder"), after: try fields.string("page_token") ?? "",
                limit: Self.pageMax)
            return try NativeRoutes.list(found, nextPageToken: found.count == Self.pageMax ? found.last?.path : nil)
        }
    }

    private static func kind(_ fields: MLflowRequest) throws -> String {
        let kind = try fields.required("kind")
        guard ["run", "logged_model"].contains(kind) else {
            throw MartletError.invalid("kind is run or logged_model.", field: "kind")
        }
        return kind
    }

    private func post(
        _ name: String, to group: RouterGroup<MartletRequestContext>,
        _ call: @escaping @Sendable (MLflowRequest, String, Principal) async throws -> [ImportOutcome]
    ) {
        group.post("imports/mlflow/\(name)") { request, context in
            let actor = try context.require(.administrator, to: "import")
            let body = try await request.body.collect(upTo: Self.bodyBytesMax)
            let fields = try MLflowRequest(body: Array(buffer: body))
            return try NativeRoutes.list(try await call(fields, try fields.required("source"), actor))
        }
    }
}
