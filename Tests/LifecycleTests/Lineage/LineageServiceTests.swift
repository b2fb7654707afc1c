import Domain
import Lifecycle
import Testing

@Suite("The lineage followed")
struct LineageServiceTests {
    /// A lineage in memory: edges by id; nodes are made of them.
    struct World: LineageReading, PredictionIDSealing {
        var edges: [(String, String)] = [
            ("dataset:d@1", "run:a"), ("dataset:d@1", "run:b"), ("run:a", "model:m/1"), ("run:b", "model:m/2"),
            ("model:m/1", "endpoint:m"), ("model:m/2", "endpoint:m"),
        ]
        var isGone = false

        func node(_ id: String) throws -> LineageNode {
            let kind = try #require(LineageNode.Kind(rawValue: String(id.prefix { $0 != ":" })))
            return LineageNode(id: id, kind: kind, label: id)
        }
        func node(_ reference: LineageReference) async throws -> LineageNode {
            let id = reference.description
            guard !isGone, edges.contains(where: { $0.0 == id || $0.1 == id }) else {
                throw MartletError.notFound("There is no \(id).")
            }
            return try node(id)
        }
        func neighbours(
            of node: LineageNode, _ direction: LineageGraph.Direction, limit: Int
        ) async throws -> LineageStep {
            let found = edges.filter { direction == .upstream ? $0.1 == node.id : $0.0 == node.id }
            return LineageStep(
                nodes: try found.prefix(limit).map { try self.node(direction == .upstream ? $0.0 : $0.1) },
                edges: found.prefix(limit).map { LineageEdge(from: $0.0, to: $0.1, label: "l") },
                cut: found.count > limit ? "more" : nil)
        }
        func seal(_ origin: PredictionOrigin) -> PredictionID { PredictionID(rawValue: "ours") }
        func open(_ id: PredictionID) throws(MartletError) -> PredictionOrigin {
            guard id.rawValue == "ours" else { throw MartletError.invalid("not ours") }
            return PredictionOrigin(
                endpointID: 1, version: 2, policyVersion: 0, rolloutID: 0, rolloutStep: 0,
                time: Timestamp(milliseconds: 0))
        }
    }

    private func graph(
        _ reference: String, _ direction: LineageGraph.Direction, in world: World = World(), depth: Int = 10,
        endpoint: String? = "m"
    ) async throws -> LineageGraph {
        try await LineageService(
            reading: world, ids: world, endpointName: { _ in endpoint }, recorded: { _ in nil }
        ).graph(of: try LineageReference(reference), direction, depth: depth)
    }

    @Test("up, down and both ways, each thing once, the root first")
    func directions() async throws {
        let up = try await graph("model:m/1", .upstream)
        #expect(up.nodes.map(\.id) == ["model:m/1", "run:a", "dataset:d@1"] && up.edges.count == 2 && up.cut.isEmpty)
        let down = try await graph("model:m/1", .downstream)
        #expect(down.nodes.map(\.id) == ["model:m/1", "endpoint:m"])
        let both = try await graph("model:m/1", .both)
        // What else came of the data is not of this version's making.
        #expect(Set(both.nodes.map(\.id)) == ["model:m/1", "run:a", "dataset:d@1", "endpoint:m"])
        let all = try await graph("dataset:d@1", .downstream)
        #expect(all.nodes.count == 6 && all.edges.count == 6)
    }

    @Test("the depth ends the walk, and the answer says so")
    func depth() async throws {
        let shallow = try await graph("endpoint:m", .upstream, depth: 1)
        #expect(Set(shallow.nodes.map(\.id)) == ["endpoint:m", "model:m/1", "model:m/2"])
        #expect(shallow.cut == ["Followed 1 steps upstream, not further."])
        await #expect(throws: MartletError.self) { try await graph("endpoint:m", .upstream, depth: 21) }
    }

    @Test("never more nodes than the bound, however wide or ringed the lineage; no edge without its ends")
    func bounded() async throws {
        var world = World()
        world.edges = (0..<50).flatMap { run in
            [("dataset:d@1", "run:\(run)")] + (1...20).map { ("run:\(run)", "model:m\(run)/\($0)") }
        }
        let wide = try await graph("dataset:d@1", .downstream, in: world)
        #expect(wide.nodes.count == LineageService.nodesMax && !wide.cut.isEmpty)
        let ids = Set(wide.nodes.map(\.id))
        #expect(wide.edges.allSatisfy { ids.contains($0.from) && ids.contains($0.to) })
        world.edges = [("run:a", "model:m/1"), ("model:m/1", "run:a")]
        #expect(try await graph("run:a", .both, in: world).nodes.count == 2)
    }

    @Test("a prediction comes from the version that answered it, not from all that its endpoint served")
    func prediction() async throws {
        let found = try await graph("prediction:ours", .upstream)
        #expect(
            Set(found.nodes.map(\.id)) == ["prediction:ours", "endpoint:m", "model:m/2", "run:b", "dataset:d@1"])
        #expect(found.edges.contains { $0.from == "endpoint:m" && $0.to == "prediction:ours" })
        await #expect(throws: MartletError.self) { try await graph("prediction:forged", .upstream) }
        let unknown = try await graph("prediction:ours", .upstream, endpoint: nil)
        #expect(unknown.nodes.count == 1 && unknown.cut.count == 1)
        let deleted = try await graph("prediction:ours", .upstream, in: World(isGone: true))
        #expect(deleted.cut == ["The version m/2 was deleted."])
    }

    @Test("what is not there is not found")
    func missing() async {
        await #expect(throws: MartletError.self) { try await graph("run:none", .both) }
    }
}
