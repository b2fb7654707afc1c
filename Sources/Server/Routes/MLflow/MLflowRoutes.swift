internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Storage
internal import Wire

/// MLflow's REST API for tracking and registry, under both of its prefixes.
struct MLflowRoutes: Sendable {
    /// Bodies at most: a data set's profile may have 16 MiB, and nothing else comes near it.
    static let bodyBytesMax = 20 << 20
    /// MLflow's own bound for log-batch.
    static let batchBytesMax = 1_000_000
    static let prefixes: [RouterPath] = ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow"]

    /// What one call does: fields and caller in, answer out.
    typealias Call = @Sendable (MLflowRequest, Principal) async throws -> JSONValue
    /// The same for an answer that is printed already.
    typealias PrintedCall = @Sendable (MLflowRequest, Principal) async throws -> [UInt8]

    let experiments: ExperimentStore
    let runs: RunStore
    let loggedModels: LoggedModelStore
    let registry: RegistryStore
    let artifacts: ArtifactStore
    let championGuard: any ChampionAliasGuard
    let versionListener: any VersionCreatedListener

    init(services: Services) {
        experiments = services.experiments
        runs = services.runs
        loggedModels = services.loggedModels
        registry = services.registryStore
        artifacts = services.artifacts
        championGuard = services.championGuard
        versionListener = services.versionListener
    }

    static func add(to router: Router<MartletRequestContext>, services: Services) {
        let routes = MLflowRoutes(services: services)
        for prefix in prefixes {
            let table = MLflowRouteTable(group: router.group(prefix))
            routes.addExperiments(to: table)
            routes.addRuns(to: table)
            routes.addLoggedModels(to: table)
            routes.addRegistry(to: table)
            routes.addVersions(to: table)
        }
        MLflowArtifactRoutes.add(to: router, services: services)
        MLflowServerRoutes.add(to: router, isDirect: services.artifactParts.presigned != nil)
    }

    /// The number of results asked for, within the call's bounds.
    static func limit(_ request: MLflowRequest, default standard: Int64, max: Int64) throws -> Int {
        let limit = try request.integer("max_results") ?? standard
        guard limit > 0, limit <= max else {
            throw MartletError.invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied: it must be a positive integer, at most \(max).",
                field: "max_results")
        }
        return Int(limit)
    }

    static func view(_ request: MLflowRequest, _ field: String) throws -> ViewType {
        guard let text = try request.string(field) else { return .activeOnly }
        guard let view = ViewType(rawValue: text) else { throw MLflowRequest.mistyped(field, .string(text)) }
        return view
    }

    /// Key and value of a list of tags or params; the last of a repeated key counts.
    static func map(_ request: MLflowRequest, _ field: String) throws -> [String: String] {
        var map: [String: String] = [:]
        for item in try request.objects(field) { map[try item.required("key")] = try item.string("value") ?? "" }
        return map
    }
}

/// Binds calls to paths, one line a call.
struct MLflowRouteTable {
    let group: RouterGroup<MartletRequestContext>

    func get(_ path: RouterPath, _ call: @escaping MLflowRoutes.Call) {
        group.get(path) { request, context in
            let principal = try context.require(.viewer, to: "read")
            let fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
            return JSONResponse.bytes(JSONPrinter.print(try await call(fields, principal)))
        }
    }

    /// A GET whose fields stand in its path.
    func fetch(_ path: RouterPath, _ call: @escaping MLflowRoutes.Call) {
        group.get(path) { request, context in
            let principal = try context.require(.viewer, to: "read")
            var fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
            for (key, value) in context.parameters { fields = fields.adding(String(key), try Self.decoded(value)) }
            return JSONResponse.bytes(JSONPrinter.print(try await call(fields, principal)))
        }
    }

    /// A search is a POST that only reads.
    func search(_ path: RouterPath, _ call: @escaping MLflowRoutes.Call) {
        on(path, .post, role: .viewer, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    /// A search whose answer is large.
    func search(_ path: RouterPath, printed call: @escaping MLflowRoutes.PrintedCall) {
        onPrinted(path, .post, role: .viewer, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    func post(_ path: RouterPath, bytesMax: Int = MLflowRoutes.bodyBytesMax, _ call: @escaping MLflowRoutes.Call) {
        on(path, .post, role: .contributor, bytesMax: bytesMax, call)
    }

    func patch(_ path: RouterPath, _ call: @escaping MLflowRoutes.Call) {
        on(path, .patch, role: .contributor, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    func delete(_ path: RouterPath, _ call: @escaping MLflowRoutes.Call) {
        on(path, .delete, role: .contributor, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    /// The router hands out the parts of a path as they were escaped.
    private static func decoded(_ part: Substring) throws -> String {
        guard let text = String(part).removingPercentEncoding else {
            throw MartletError.invalid("The path's percent-encoding cannot be read.", field: "path")
        }
        return text
    }

    private func on(
        _ path: RouterPath, _ method: HTTPRequest.Method, role: Role, bytesMax: Int, _ call: @escaping MLflowRoutes.Call
    ) {
        onPrinted(path, method, role: role, bytesMax: bytesMax) { JSONPrinter.print(try await call($0, $1)) }
    }

    private func onPrinted(
        _ path: RouterPath, _ method: HTTPRequest.Method, role: Role, bytesMax: Int,
        _ call: @escaping MLflowRoutes.PrintedCall
    ) {
        group.on(path, method: method) { request, context in
            let principal = try context.require(role, to: role == .viewer ? "read" : "write to tracking and registry")
            let body = try await request.body.collect(upTo: bytesMax)
            var fields = try MLflowRequest(body: Array(buffer: body))
            // What stands in the path counts as a field: `/logged-models/{model_id}`.
            for (key, value) in context.parameters { fields = fields.adding(String(key), try Self.decoded(value)) }
            return JSONResponse.bytes(try await call(fields, principal))
        }
    }
}
