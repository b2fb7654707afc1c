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
    static let prefixes = ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow"]

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
    let webhooks: WebhookParts

    init(services: Services) {
        experiments = services.experiments
        runs = services.runs
        loggedModels = services.loggedModels
        registry = services.registryStore
        artifacts = services.artifacts
        championGuard = services.championGuard
        versionListener = services.versionListener
        webhooks = services.webhooks
    }

    static func add(to router: Router<MartletRequestContext>, services: Services, front: FrontCallList) {
        let routes = MLflowRoutes(services: services)
        for prefix in prefixes {
            let table = MLflowRouteTable(
                prefix: prefix, router: router, isSearchStrict: services.configuration.isSearchStrict, front: front)
            routes.addExperiments(to: table)
            routes.addRuns(to: table)
            routes.addLoggedModels(to: table)
            routes.addRegistry(to: table)
            routes.addVersions(to: table)
            routes.addMetricHistories(to: table)
            routes.addFiles(to: table)
            routes.addWebhooks(to: table)
        }
        MLflowArtifactRoutes.add(to: router, services: services)
        MLflowServerRoutes.add(to: router, isDirect: services.artifactParts.presigned != nil)
    }

    /// The number of results asked for, within the call's bounds.
    static func limit(_ request: MLflowRequest, default standard: Int64, max: Int64) throws -> Int {
        let limit = try request.integer("max_results") ?? standard
        guard limit > 0, limit <= max else {
            throw MartletError.invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be a positive integer, at most \(max).",
                field: "max_results")
        }
        return Int(limit)
    }

    /// The same in the words of the calls that MLflow checks by themselves.
    static func limit(_ request: MLflowRequest, default standard: Int64, between bounds: ClosedRange<Int64>) throws
        -> Int
    {
        let limit = try request.integer("max_results") ?? standard
        guard bounds.contains(limit) else {
            throw MartletError.invalid(
                "max_results must be between \(bounds.lowerBound) and \(bounds.upperBound).", field: "max_results")
        }
        return Int(limit)
    }

    static func view(_ request: MLflowRequest, _ field: String) throws -> ViewType {
        let names: [Int64: String] = [1: "ACTIVE_ONLY", 2: "DELETED_ONLY", 3: "ALL"]
        return try request.enumeration(field, names).flatMap(ViewType.init(rawValue:)) ?? .activeOnly
    }

    /// An extension of lists: `view=basic` leaves out what a table of rows does not show.
    static func detail(_ request: MLflowRequest) throws -> ListDetail {
        guard let text = try request.string("view") else { return .full }
        guard let detail = ListDetail(rawValue: text) else {
            throw MartletError.invalid(
                "Invalid value '\(text)' for parameter 'view' supplied: it is basic or full.", field: "view")
        }
        return detail
    }

    /// A path below a run's, model's or version's folder, as MLflow takes it.
    ///
    /// - Throws: `invalidArgument` for one that could lead out of it.
    static func relativePath(_ path: String) throws(MartletError) -> String {
        let decoded = path.removingPercentEncoding ?? path
        let isSafe = !decoded.hasPrefix("/") && !decoded.contains("#") && !decoded.contains("\\")
        guard isSafe, !decoded.split(separator: "/").contains(".."), !decoded.utf8.contains(0) else {
            throw .invalid("Invalid path", field: "path")
        }
        return path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Key and value of a list of tags or params; the last of a repeated key counts.
    static func map(_ request: MLflowRequest, _ field: String) throws -> [String: String] {
        var map: [String: String] = [:]
        for item in try request.objects(field) { map[try item.required("key")] = try item.string("value") ?? "" }
        return map
    }
}
