import Crypto
import Domain
import Foundation
import Inference
import TestSupport

@testable import Serving

/// A data plane that serves fake models behind the endpoint `m`.
struct ServedFakes {
    let recorder = Recorder()
    let plane: DataPlane
    private let folder: String

    init(
        _ configuration: DataPlaneConfiguration = .init(), runtime: any Runtime = FakeRuntime(),
        python: any Runtime = DataPlane.noPython
    ) throws {
        folder = NSTemporaryDirectory() + "martlet-served-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        plane = DataPlane(
            runtime: runtime, python: python, sealer: PredictionSealer(key: [UInt8](repeating: 7, count: 32)),
            clock: ManualClock(),
            log: recorder, sink: recorder, snapshotPath: folder + "/snapshot.json", configuration: configuration)
    }

    /// Serves models of those kinds (`FakeRuntime`) as versions of the endpoint.
    ///
    /// - Parameters:
    ///   - others: versions that the endpoint does not name.
    ///   - runtime: of all of them.
    func serve(
        _ kinds: [(version: Int, kind: String, role: Variant.Role, weight: Int)], columns: [FeatureColumn] = [],
        beside others: [(version: Int, kind: String)] = [], runtime: ServingRuntime? = nil,
        _ change: (inout Endpoint) -> Void = { _ in }
    ) async throws {
        var endpoint = Endpoint(
            id: 5, name: "m",
            variants: kinds.map { Variant(version: $0.version, role: $0.role, weightBasisPoints: $0.weight) },
            updatedAt: Timestamp(milliseconds: 0))
        endpoint.record.mode = .none
        change(&endpoint)
        try await plane.apply(
            EndpointSnapshot(
                generation: 1, endpoints: [endpoint],
                versions: try (kinds.map { ($0.version, $0.kind) } + others).map {
                    try version($0, $1, columns, runtime)
                }))
    }

    private func version(_ number: Int, _ kind: String, _ columns: [FeatureColumn], _ runtime: ServingRuntime?) throws
        -> ServableVersion
    {
        let text = kind == "broken" ? kind : "\(kind) \(number)"
        let path = "\(folder)/\(number).onnx"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let digest = SHA256.hash(data: Data(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ServableVersion(
            id: ModelVersionID(model: "m", version: number), path: path, digest: digest, columns: columns,
            predictionOutput: "y", runtime: runtime)
    }

    func request(rows: Int) throws -> InferenceRequest {
        let values = (0..<2 * rows).map { Double($0) }
        return InferenceRequest(
            inputs: [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [rows, 2], elements: values))])
    }
}
