internal import Domain
internal import Foundation
internal import Hummingbird
internal import Lifecycle

/// `/api/v1/endpoints`: what clients call, and which versions answer.
enum EndpointRoutes {
    private struct Page: Encodable {
        var items: [Endpoint]
    }

    static func add(to router: Router<MartletRequestContext>, rollouts: RolloutParts) {
        router.get("/api/v1/endpoints") { _, context in
            try context.require(.viewer, to: "list endpoints")
            return try JSONResponse.make(Page(items: try await rollouts.publisher.endpointList().endpoints))
        }
        router.get("/api/v1/endpoints/:name") { _, context in
            try context.require(.viewer, to: "read endpoints")
            let text = try context.parameters.require("name")
            let name = text.removingPercentEncoding ?? text
            let found = try await rollouts.publisher.endpointList().endpoints.first { $0.name == name }
            guard let found else { throw MartletError.notFound("There is no endpoint \(name).") }
            return try JSONResponse.make(found)
        }
    }
}
