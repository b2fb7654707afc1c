import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import Server

@Suite("MLflow's registry calls on governed models and with narrow keys")
struct MLflowRegistryRoutesTests {
    private struct Someone: RouterMiddleware {
        let principal: Principal
        func handle(
            _ request: Request, context: MartletRequestContext,
            next: (Request, MartletRequestContext) async throws -> Response
        ) async throws -> Response {
            var context = context
            context.principal = principal
            return try await next(request, context)
        }
    }

    private let server: FilledServer
    private let administrator = Principal(id: .init(rawValue: "p-adm"), name: "adm", roles: [.administrator])

    init() async throws {
        server = try await FilledServer()
        _ = try await server.services.registryStore.create(name: "free", description: nil, tags: [:], by: administrator)
    }

    /// Status and `error_code` of one call.
    private func call(
        _ method: HTTPRequest.Method, _ path: String, _ fields: [String: JSONValue], by principal: Principal
    ) async throws -> (Int, JSONValue?) {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware {
            ErrorMiddleware(logger: server.services.logger)
            Someone(principal: principal)
        }
        MLflowRoutes.add(to: router, services: server.services, front: FrontCallList())
        let body = try JSONEncoder().encode(JSONValue.object(fields))
        return try await Application(router: router).test(.router) { client in
            try await client.execute(
                uri: "/api/2.0/mlflow/" + path, method: method, headers: [.contentType: "application/json"],
                body: ByteBuffer(bytes: body)
            ) { response in
                let answer = try JSONDecoder().decode(JSONValue.self, from: Data(String(buffer: response.body).utf8))
                return (Int(response.status.code), answer["error_code"])
            }
        }
    }

    @Test("nobody takes a governed model's champion away, renames the model, or gives its name to another")
    func governed() async throws {
        let model: JSONValue = .string(FilledServer.model)
        let champion = try await #require(
            server.services.championGuard.championAlias(model: FilledServer.model))
        try await server.services.registryReader.moveChampion(
            model: FilledServer.model, alias: champion, to: 2, by: .rolloutController)
        let calls: [(HTTPRequest.Method, String, [String: JSONValue])] = [
            (.post, "registered-models/alias", ["name": model, "alias": .string(champion), "version": "1"]),
            (.delete, "registered-models/alias", ["name": model, "alias": .string(champion)]),
            (.delete, "model-versions/delete", ["name": model, "version": "2"]),
            (.delete, "registered-models/delete", ["name": model]),
            (.post, "registered-models/rename", ["name": model, "new_name": "out"]),
            (.post, "registered-models/rename", ["name": "free", "new_name": model]),
        ]
        for (method, path, fields) in calls {
            let (status, code) = try await call(method, path, fields, by: administrator)
            #expect(status == 403 && code == "PERMISSION_DENIED", "\(method) \(path)")
        }
        let after = try await server.services.registryStore.model(FilledServer.model)
        #expect(after.aliases[champion] == 2 && after.latestVersions.map(\.id.version) == [2])
    }

    @Test("a model without a policy is renamed and deleted as MLflow does")
    func free() async throws {
        let rename: [String: JSONValue] = ["name": "free", "new_name": "freer"]
        #expect(try await call(.post, "registered-models/rename", rename, by: administrator).0 == 200)
        #expect(try await call(.delete, "registered-models/delete", ["name": "freer"], by: administrator).0 == 200)
        #expect(try await !server.services.registryReader.modelNames().contains("freer"))
    }

    @Test("a narrow key renames its model to no other name and touches no other model")
    func narrow() async throws {
        let narrow = Principal(id: .init(rawValue: "p-n"), name: "n", roles: [.contributor], onlyModel: "free")
        let calls: [(HTTPRequest.Method, String, [String: JSONValue])] = [
            (.post, "registered-models/rename", ["name": "free", "new_name": "other"]),
            (.post, "registered-models/create", ["name": "other"]),
            (.delete, "registered-models/delete", ["name": .string(FilledServer.model)]),
        ]
        for (method, path, fields) in calls {
            #expect(try await call(method, path, fields, by: narrow).0 == 403, "\(path)")
        }
        #expect(try await server.services.registryReader.modelNames().count == 2)
    }

    @Test("an unknown path under MLflow's prefixes is ENDPOINT_NOT_FOUND, an unknown thing is not")
    func unknown() async throws {
        let nowhere = try await call(.post, "nothing/here", [:], by: administrator)
        #expect(nowhere.0 == 404 && nowhere.1 == "ENDPOINT_NOT_FOUND")
        let nothing = try await call(.delete, "registered-models/delete", ["name": "absent"], by: administrator)
        #expect(nothing.0 == 404 && nothing.1 == "RESOURCE_DOES_NOT_EXIST")
    }
}
