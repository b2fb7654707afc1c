internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// `/api/v1/models/{name}/history`: what became of names, texts, tags, aliases, versions and stages, and how they stood at a
/// moment.
struct HistoryRoutes: Sendable {
    static let pageDefault = 100

    let history: RegistryHistory

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("models/:name/history") { request, context in
            try context.require(.viewer, to: "read the history of models")
            let name = try ModelRoutes.text("name", context)
            let fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
            let query = try Self.query(fields)
            if let text = try fields.string("at") {
                let at = try MomentText.parse(text, field: "at")
                return try JSONResponse.make(try await history.moment(of: name, at: at, matching: query))
            }
            let limit = Int(clamping: try fields.integer("max_results") ?? Int64(Self.pageDefault))
            guard (1...RegistryHistory.pageMax).contains(limit) else {
                throw MartletError.invalid(
                    "max_results is a number from 1 to \(RegistryHistory.pageMax).", field: "max_results")
            }
            let before = try fields.integer("page_token")
            let found = try await history.changes(of: name, matching: query, before: before, limit: limit)
            let next = found.count == limit ? found.last.map { String($0.id) } : nil
            return try NativeRoutes.list(found, nextPageToken: next)
        }
    }

    /// - Throws: `invalidArgument` for a kind that there is not, or a version that is no number.
    static func query(_ fields: MLflowRequest) throws -> RegistryHistoryQuery {
        var query = RegistryHistoryQuery()
        if let text = try fields.string("kind"), !text.isEmpty {
            guard let kind = RegistryChange.Kind(rawValue: text) else {
                let kinds = RegistryChange.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw MartletError.invalid("kind is one of \(kinds).", field: "kind")
            }
            query.kind = kind
        }
        if let key = try fields.string("key"), !key.isEmpty { query.key = key }
        if let version = try fields.integer("version") {
            guard version > 0, version < 1 << 31 else {
                throw MartletError.invalid("version is a number, 1 or more.", field: "version")
            }
            query.version = Int(version)
        }
        return query
    }
}
