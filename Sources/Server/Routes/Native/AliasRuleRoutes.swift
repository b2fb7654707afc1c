internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// `/api/v1/models/{name}/alias-rules`: who may move which alias. Operators and administrators set the rules.
struct AliasRuleRoutes: Sendable {
    let rules: AliasRuleStore

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("models/:name/alias-rules") { _, context in
            try context.require(.viewer, to: "read the rules of aliases")
            return try NativeRoutes.list(try await rules.rules(of: try ModelRoutes.text("name", context)))
        }
        group.put("models/:name/alias-rules/:alias") { request, context in
            let actor = try context.require(.operator, to: "protect aliases")
            let fields = try await NativeRoutes.fields(request)
            let rule = try await rules.protect(
                try ModelRoutes.text("name", context), alias: try ModelRoutes.text("alias", context),
                roles: try fields.strings("roles").map(Self.role), principals: try fields.strings("principals"),
                by: actor)
            return try JSONResponse.make(rule)
        }
        group.delete("models/:name/alias-rules/:alias") { _, context in
            let actor = try context.require(.operator, to: "change the rules of aliases")
            try await rules.unprotect(
                try ModelRoutes.text("name", context), alias: try ModelRoutes.text("alias", context), by: actor)
            return Response(status: .noContent)
        }
    }

    private static func role(_ text: String) throws -> Role {
        guard let role = Role(rawValue: text) else {
            let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw MartletError.invalid("“\(text.prefix(40))” is no role: \(roles).", field: "roles")
        }
        return role
    }
}
