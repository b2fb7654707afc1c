public import Domain
internal import Monitoring

/// Gathers what an optimisation needs of the version that it starts from.
public struct OptimizationSource: Sendable {
    /// As much as preparation reads.
    static let mlmodelBytesMax = VersionPreparer.mlmodelBytesMax

    private let registry: any RegistryReading
    private let artifacts: any ArtifactReading
    private let preparations: any VersionPreparationStore
    private let requireSignature: @Sendable (ModelVersionID) async throws -> Void

    /// - Parameters:
    ///   - preparations: whose paths are on this machine.
    ///   - requireSignature: throws for a version that is not signed as its policy demands.
    public init(
        registry: any RegistryReading, artifacts: any ArtifactReading, preparations: any VersionPreparationStore,
        requireSignature: @escaping @Sendable (ModelVersionID) async throws -> Void
    ) {
        self.registry = registry
        self.artifacts = artifacts
        self.preparations = preparations
        self.requireSignature = requireSignature
    }

    /// A version with what was prepared of it.
    struct Prepared: Sendable {
        var record: VersionRecord
        var servable: ServableVersion
        var inputs: [TensorSpec]
        var goldenRequest: String
    }

    /// - Throws: `notFound`; `failedPrecondition` for a version that is not signed as its policy demands, or not servable.
    func prepared(_ id: ModelVersionID) async throws -> Prepared {
        let record = try await registry.versionRecord(id)
        try await requireSignature(id)
        guard let preparation = try await preparations.preparation(id), preparation.state != .pending else {
            throw MartletError.precondition("The version \(id) is still being prepared. Try again in a moment.")
        }
        guard let servable = preparation.servable, let request = preparation.goldenRequest else {
            throw MartletError.precondition(
                "The version \(id) cannot be served, so there is nothing to optimise. \(preparation.detail)")
        }
        guard servable.runtime != .python else {
            throw MartletError.precondition(
                "The version \(id) is computed by a Python worker; only ONNX models can be optimised.")
        }
        return Prepared(record: record, servable: servable, inputs: preparation.inputs, goldenRequest: request)
    }

    /// The rows by which it is measured, as its monitors find them, and where they are among its run's artifacts.
    func referenceRows(_ record: VersionRecord) async throws -> (path: String, bytes: [UInt8])? {
        guard let runID = record.runID else { return nil }
        do {
            let tag = try await registry.runRecord(runID).tags[ReferenceProfiler.artifactTag]
            let path = tag ?? ReferenceProfiler.defaultArtifact
            return (path, try await artifacts.read(path, ofRun: runID, bytesMax: ReferenceProfiler.bytesMax))
        } catch let error as MartletError where [.notFound, .payloadTooLarge].contains(error.code) {
            return nil
        }
    }

    func mlmodel(_ id: ModelVersionID) async throws -> [UInt8] {
        try await artifacts.read("MLmodel", of: id, bytesMax: Self.mlmodelBytesMax)
    }
}
