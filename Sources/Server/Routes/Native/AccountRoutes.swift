internal import Domain
internal import Foundation
internal import Hummingbird
internal import Storage
internal import Wire

/// `/principals`, `/keys` and `/whoami`.
struct AccountRoutes: Sendable {
    let accounts: AccountStore
    let keys: KeyStore
    let authenticator: Authenticator

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("whoami") { _, context in
            let principal = try context.requirePrincipal()
            return try JSONResponse.make(
                [
                    "id": .string(principal.id.rawValue), "name": .string(principal.name),
                    "roles": .array(principal.roles.map(\.rawValue).sorted().map { .string($0) }),
                    "only_model": principal.onlyModel.map { .string($0) } ?? .null,
                ] as JSONValue)
        }
        addPrincipals(to: group)
        addKeys(to: group)
    }

    private func addPrincipals(to group: RouterGroup<MartletRequestContext>) {
        group.get("principals") { _, context in
            try context.require(.administrator, to: "list principals")
            return try NativeRoutes.list(try await accounts.list())
        }
        group.post("principals") { request, context in
            let actor = try context.require(.administrator, to: "create principals")
            let fields = try await NativeRoutes.fields(request)
            let account = try await accounts.create(
                name: try fields.required("name"), roles: try roles(fields), actor: actor)
            return try JSONResponse.make(account, status: .created)
        }
        group.put("principals/:name/roles") { request, context in
            let actor = try context.require(.administrator, to: "change roles")
            let fields = try await NativeRoutes.fields(request)
            let account = try await accounts.setRoles(try roles(fields), of: try name(context), actor: actor)
            authenticator.forget()
            return try JSONResponse.make(account)
        }
        group.put("principals/:name/limits") { request, context in
            let actor = try context.require(.administrator, to: "bound what principals may ask for")
            let fields = try await NativeRoutes.fields(request)
            let limits = RequestLimits(
                requestsPerSecond: try fields.double("requests_per_second"),
                burst: try fields.integer("burst").map { Int(clamping: $0) },
                requestsPerDay: try fields.integer("requests_per_day").map { Int(clamping: $0) })
            let account = try await accounts.setLimits(
                limits == RequestLimits() ? nil : limits, of: try name(context), actor: actor)
            authenticator.forget()
            return try JSONResponse.make(account)
        }
        group.delete("principals/:name") { _, context in
            let actor = try context.require(.administrator, to: "remove principals")
            try await accounts.remove(name: try name(context), actor: actor)
            authenticator.forget()
            return Response(status: .noContent)
        }
    }

    private func addKeys(to group: RouterGroup<MartletRequestContext>) {
        group.get("keys") { _, context in
            let actor = try context.requirePrincipal()
            // Everyone sees their own keys, an administrator all.
            let owner = actor.may(.administrator) ? nil : actor.name
            return try NativeRoutes.list(try await keys.list(principalName: owner))
        }
        group.post("keys") { request, context in
            let actor = try context.requirePrincipal()
            let fields = try await NativeRoutes.fields(request)
            let owner = try fields.string("principal") ?? actor.name
            if owner != actor.name { try actor.require(.administrator, to: "create keys of others") }
            guard actor.onlyModel == nil else {
                throw MartletError(.permissionDenied, "A narrow key cannot make other keys.")
            }
            let issued = try await keys.issue(
                for: owner, label: try fields.string("label") ?? "",
                validSeconds: try fields.integer("valid_seconds").map { Int(clamping: $0) },
                onlyModel: try fields.string("only_model"), actor: actor)
            var response = try JSONResponse.make(
                ["key": .string(issued.text), "id": .string(issued.key.id), "principal": .string(owner)] as JSONValue,
                status: .created)
            response.headers[.cacheControl] = "no-store"
            return response
        }
        group.delete("keys/:id") { _, context in
            let actor = try context.requirePrincipal()
            let id = try context.parameters.require("id")
            let key = try await keys.key(id: id)
            if key.principalID != actor.id { try actor.require(.administrator, to: "revoke keys of others") }
            try await keys.revoke(id: id, actor: actor)
            authenticator.forget()
            return Response(status: .noContent)
        }
    }

    private func name(_ context: MartletRequestContext) throws -> String {
        let text = try context.parameters.require("name")
        return text.removingPercentEncoding ?? text
    }

    private func roles(_ fields: MLflowRequest) throws -> Set<Role> {
        Set(
            try fields.strings("roles").map { name in
                guard let role = Role(rawValue: name) else {
                    throw MartletError.invalid(
                        "There is no role '\(name)'. Roles are \(Role.allCases.map(\.rawValue).joined(separator: ", ")).",
                        field: "roles")
                }
                return role
            })
    }
}
