internal import Domain
internal import Foundation
internal import Hummingbird
internal import Lifecycle
internal import Storage

/// `/api/v1/rollouts`: start, watch, hold and stop the way of a version to its endpoint.
enum RolloutRoutes {
    static let bodyBytesMax = 1 << 16
    static let pageDefault = 100
    static let pageMax = 1_000

    private struct Page: Encodable {
        var items: [Rollout]
        var nextPageToken: String?
    }

    /// A rollout's own members, and `events`.
    private struct Detail: Encodable {
        enum CodingKeys: CodingKey { case events }
        var rollout: Rollout
        var events: [RolloutEvent]

        func encode(to encoder: any Encoder) throws {
            try rollout.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(events, forKey: .events)
        }
    }

    static func add(to router: Router<MartletRequestContext>, rollouts: RolloutParts) {
        router.get("/api/v1/rollouts") { request, context in
            try context.require(.viewer, to: "list rollouts")
            return try JSONResponse.make(try await page(request, rollouts.store))
        }
        router.get("/api/v1/rollouts/:id") { _, context in
            try context.require(.viewer, to: "read rollouts")
            let id = try id(context)
            return try JSONResponse.make(
                Detail(rollout: try await rollouts.store.rollout(id), events: try await rollouts.store.events(id)))
        }
        router.post("/api/v1/rollouts") { request, context in
            let principal = try context.requirePrincipal()
            let body = try await body(request)
            guard let model = body["model"]?.stringValue, !model.isEmpty else {
                throw MartletError.invalid("model is the registered model's name.", field: "model")
            }
            guard let version = body["version"]?.intValue.flatMap({ Int(exactly: $0) }), version > 0 else {
                throw MartletError.invalid("version is a number, 1 or more.", field: "version")
            }
            let rollout = try await rollouts.controller.start(
                ModelVersionID(model: model, version: version), by: principal)
            return try JSONResponse.make(rollout, status: .created)
        }
        addCommands(to: router, controller: rollouts.controller)
    }

    private static func addCommands(to router: Router<MartletRequestContext>, controller: RolloutController) {
        router.post("/api/v1/rollouts/:id/pause") { request, context in
            let principal = try context.requirePrincipal()
            return try JSONResponse.make(
                try await controller.pause(try id(context), reason: try await reason(request), by: principal))
        }
        router.post("/api/v1/rollouts/:id/resume") { request, context in
            let principal = try context.requirePrincipal()
            return try JSONResponse.make(
                try await controller.resume(try id(context), reason: try await reason(request), by: principal))
        }
        router.post("/api/v1/rollouts/:id/abort") { request, context in
            let principal = try context.requirePrincipal()
            return try JSONResponse.make(
                try await controller.abort(try id(context), reason: try await reason(request), by: principal))
        }
    }

    private static func page(_ request: Request, _ store: RolloutStore) async throws -> Page {
        let query = request.uri.queryParameters
        let limit = try query["limit"].map { text in
            guard let limit = Int(text), (1...pageMax).contains(limit) else {
                throw MartletError.invalid("limit is a number from 1 to \(pageMax).", field: "limit")
            }
            return limit
        }
        let before = try query["page_token"].map { text in
            guard let id = Int64(text) else {
                throw MartletError.invalid("The page token is not one.", field: "page_token")
            }
            return id
        }
        let found = try await store.rollouts(
            endpoint: query["endpoint"].map(String.init), before: before, limit: limit ?? pageDefault)
        return Page(
            items: found, nextPageToken: found.count == limit ?? pageDefault ? found.last.map { "\($0.id)" } : nil)
    }

    private static func id(_ context: MartletRequestContext) throws -> Int64 {
        let text = try context.parameters.require("id")
        guard let id = Int64(text) else { throw MartletError.notFound("There is no rollout \(text).") }
        return id
    }

    /// An empty body says nothing.
    private static func body(_ request: Request) async throws -> JSONValue {
        let buffer = try await request.body.collect(upTo: bodyBytesMax)
        return buffer.readableBytes == 0 ? .object([:]) : try JSONRequest.value(buffer)
    }

    private static let reasonBytesMax = 4_096

    private static func reason(_ request: Request) async throws -> String {
        let body = try await body(request)
        switch body["reason"] {
        case nil, .null: return "No reason was given."
        case .string(let text):
            // No database takes a NUL in text.
            guard !text.utf8.contains(0), text.utf8.count <= reasonBytesMax else {
                throw MartletError.invalid(
                    "reason is a text of at most \(reasonBytesMax) bytes without NUL.", field: "reason")
            }
            return text.isEmpty ? "No reason was given." : text
        default: throw MartletError.invalid("reason is text.", field: "reason")
        }
    }
}
