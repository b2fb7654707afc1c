/// One thing in the lineage.
public struct LineageNode: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case dataset, run, model, endpoint, prediction
    }

    /// Its reference: equal for the same thing, whichever way it was found.
    public var id: String
    public var kind: Kind
    /// What people call it, for example `churn, version 3`.
    public var label: String
    /// What there is to know of it: commits, parameters, rows. Short texts by name.
    public var facts: [String: String]
    /// For a version of a data set of Martlet's.
    public var dataset: DatasetVersionID?

    public init(
        id: String, kind: Kind, label: String, facts: [String: String] = [:], dataset: DatasetVersionID? = nil
    ) {
        self.id = id
        self.kind = kind
        self.label = label
        self.facts = facts
        self.dataset = dataset
    }
}

/// That one thing went into another.
public struct LineageEdge: Sendable, Hashable, Codable {
    /// The id of what came first.
    public var from: String
    public var to: String
    /// How: `training`, `made`, `champion` …
    public var label: String

    public init(from: String, to: String, label: String) {
        self.from = from
        self.to = to
        self.label = label
    }
}

/// A part of the lineage around one thing. It is derived anew with each question: nothing of it is kept twice.
public struct LineageGraph: Sendable, Hashable, Codable {
    public enum Direction: String, Sendable, Codable, CaseIterable {
        /// What it comes from.
        case upstream
        /// What came of it.
        case downstream
        case both
    }

    /// The id of the thing that was asked for.
    public var root: String
    public var direction: Direction
    /// Steps away from the root that were followed.
    public var depth: Int
    /// The root first, then by distance.
    public var nodes: [LineageNode]
    public var edges: [LineageEdge]
    /// Why there may be more than is here, a sentence each; empty where this is all.
    public var cut: [String]

    public init(
        root: String, direction: Direction, depth: Int, nodes: [LineageNode], edges: [LineageEdge], cut: [String] = []
    ) {
        self.root = root
        self.direction = direction
        self.depth = depth
        self.nodes = nodes
        self.edges = edges
        self.cut = cut
    }
}

/// The port that tells what is next to a thing in the lineage, out of what tracking, registry, endpoints and prediction log hold.
public protocol LineageReading: Sendable {
    /// The thing itself.
    ///
    /// - Throws: `notFound`.
    func node(_ reference: LineageReference) async throws -> LineageNode
    /// What is next to it.
    ///
    /// - Parameters:
    ///   - direction: `upstream` or `downstream`.
    ///   - limit: neighbours at most.
    func neighbours(of node: LineageNode, _ direction: LineageGraph.Direction, limit: Int) async throws -> LineageStep
}

/// What is next to one thing.
public struct LineageStep: Sendable, Hashable {
    public var nodes: [LineageNode]
    public var edges: [LineageEdge]
    /// Why there may be more; nil where this is all.
    public var cut: String?

    public init(nodes: [LineageNode] = [], edges: [LineageEdge] = [], cut: String? = nil) {
        self.nodes = nodes
        self.edges = edges
        self.cut = cut
    }
}
