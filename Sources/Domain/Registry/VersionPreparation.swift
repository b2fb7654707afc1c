/// What came of making a registered version servable: conversion, trial load in a child, golden request.
public struct VersionPreparation: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Codable {
        case pending, servable, unservable
    }
    public var id: ModelVersionID
    public var state: State
    /// Why it cannot be served, or what was done, as a sentence.
    public var detail: String
    public var servable: ServableVersion?
    /// What the runtime says of the model.
    public var inputs: [TensorSpec]
    public var outputs: [TensorSpec]
    /// Result of comparing the converted model with the original on real rows; nil where nothing was converted.
    public var parity: Parity?
    /// The recorded golden request and answer, as Open Inference Protocol JSON; nil where none could be made.
    public var goldenRequest: String?
    public var goldenResponse: String?
    /// Runtime build and processor that gave the golden answer.
    public var runtime: String?
    public var preparedAt: Timestamp

    /// How far the converted model's answers lie from the original's.
    public struct Parity: Sendable, Hashable, Codable {
        public var rows: Int
        public var maxAbsoluteDifference: Double
        public var labelMismatches: Int
        public var tool: String
        public init(rows: Int, maxAbsoluteDifference: Double, labelMismatches: Int, tool: String) {
            self.rows = rows
            self.maxAbsoluteDifference = maxAbsoluteDifference
            self.labelMismatches = labelMismatches
            self.tool = tool
        }
    }

    public init(
        id: ModelVersionID, state: State, detail: String, servable: ServableVersion? = nil, inputs: [TensorSpec] = [],
        outputs: [TensorSpec] = [], parity: Parity? = nil, goldenRequest: String? = nil,
        goldenResponse: String? = nil, runtime: String? = nil, preparedAt: Timestamp
    ) {
        self.id = id
        self.state = state
        self.detail = detail
        self.servable = servable
        self.inputs = inputs
        self.outputs = outputs
        self.parity = parity
        self.goldenRequest = goldenRequest
        self.goldenResponse = goldenResponse
        self.runtime = runtime
        self.preparedAt = preparedAt
    }
}

/// Where preparations are kept.
public protocol VersionPreparationStore: Sendable {
    func preparation(_ id: ModelVersionID) async throws -> VersionPreparation?
    func save(_ preparation: VersionPreparation) async throws
    /// Versions without a preparation or with a pending one, oldest first.
    func unprepared() async throws -> [ModelVersionID]
}

/// What else start-up and the data plane ask of the preparations.
public protocol PreparedVersionReading: Sendable {
    /// All that can be served, by model and version.
    func servableVersions() async throws -> [ServableVersion]
    /// The preparations that came to nothing, oldest first, at most 10,000.
    func unservable() async throws -> [VersionPreparation]
}

/// Told after a preparation is durable.
public protocol VersionPreparedListener: Sendable {
    func versionPrepared(_ preparation: VersionPreparation) async throws
}
