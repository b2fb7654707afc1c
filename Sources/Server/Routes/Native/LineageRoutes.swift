internal import Domain
internal import Hummingbird
internal import Lifecycle

/// `/api/v1/lineage`: what a thing comes from, and what came of it.
struct LineageRoutes: Sendable {
    let lineage: LineageService

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("lineage") { request, context in
            try context.require(.viewer, to: "read the lineage")
            let items = QueryItems.parse(request.uri.query)
            func item(_ name: String) -> String? { items.first { $0.key == name }?.value }
            guard let text = item("of") else {
                throw MartletError.invalid("Say of what: of=model:NAME/VERSION, for example.", field: "of")
            }
            return try JSONResponse.make(
                try await lineage.graph(
                    of: try LineageReference(text), try Self.direction(item("direction")),
                    depth: try Self.depth(item("depth"))))
        }
    }

    private static func direction(_ text: String?) throws(MartletError) -> LineageGraph.Direction {
        guard let text else { return .both }
        guard let direction = LineageGraph.Direction(rawValue: text) else {
            throw .invalid("The direction is upstream, downstream or both.", field: "direction")
        }
        return direction
    }

    private static func depth(_ text: String?) throws(MartletError) -> Int {
        guard let text else { return LineageService.depthDefault }
        guard let depth = Int(text) else { throw .invalid("The depth is a whole number.", field: "depth") }
        return depth
    }
}
