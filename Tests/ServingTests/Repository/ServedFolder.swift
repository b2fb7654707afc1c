import Crypto
import Domain
import Foundation
import Inference
import Logging
import TestSupport
import Testing

@testable import Serving

/// A model repository of fake models (`FakeRuntime`) in a new folder, and what serves it.
final class ServedFolder: Sendable {
    let path: String
    let recorder = Recorder()
    let plane: DataPlane

    init() throws {
        path = NSTemporaryDirectory() + "martlet-repository-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path + "/models", withIntermediateDirectories: true)
        var limits = DataPlaneConfiguration()
        limits.runSecondsMax = 0.2
        plane = DataPlane(
            runtime: FakeRuntime(), sealer: PredictionSealer(key: [UInt8](repeating: 7, count: 32)),
            clock: ManualClock(), log: recorder, sink: recorder, snapshotPath: "", configuration: limits)
    }

    deinit {
        // What cannot be removed from the temporary folder fails no test.
        try? FileManager.default.removeItem(atPath: path)
    }

    var models: String { path + "/models" }

    /// Writes a file below the folder of models.
    func write(_ file: String, _ text: String) throws {
        let whole = models + "/" + file
        try FileManager.default.createDirectory(
            atPath: String(whole[..<(whole.lastIndex(of: "/") ?? whole.startIndex)]), withIntermediateDirectories: true)
        try text.write(toFile: whole, atomically: true, encoding: .utf8)
    }

    func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: models + "/" + file) }

    /// The configuration of these tests: `rows N`, `all`, `two`, `outputs a,b`, `wrong`, one a line.
    static func configuration(_ text: String) throws(MartletError) -> ModelConfiguration {
        var configuration = ModelConfiguration()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            switch words[0] {
            case "rows": configuration.maxBatchSize = Int(words[1]) ?? 0
            case "all": configuration.versionPolicy = .all
            case "specific": configuration.versionPolicy = .specific(words.dropFirst().compactMap { Int($0) })
            case "name": configuration.name = words[1]
            case "input":
                configuration.inputs = [
                    .init(name: words[1], dims: words[2].split(separator: ",").compactMap { Int($0) })
                ]
            case "output":
                configuration.outputs = [
                    .init(
                        name: words[1], dims: words[2].split(separator: ",").compactMap { Int($0) },
                        reshape: words.count > 3 ? [] : nil)
                ]
            case "type": configuration.outputs = [.init(name: words[1], datatype: Datatype(rawValue: words[2]))]
            default: throw .invalid("1:1: it is wrong.")
            }
        }
        return configuration
    }

    func repository(_ modelName: String? = nil, at folder: String? = nil) throws -> ModelRepository {
        try ModelRepository(
            path: folder ?? models, modelName: modelName, pollSeconds: 0, plane: plane,
            codec: ModelConfigurationCodec(
                text: { bytes throws(MartletError) in
                    try Self.configuration(String(decoding: bytes, as: UTF8.self))
                },
                json: { text throws(MartletError) in try Self.configuration(text) }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A repository that was read once.
    func served(_ modelName: String? = nil) async throws -> ModelRepository {
        let repository = try repository(modelName)
        #expect(await repository.read())
        return repository
    }

    /// Which version answered, and what.
    struct Answer: Equatable {
        let version: Int
        let value: Double

        init(_ version: Int, _ value: Double) { (self.version, self.value) = (version, value) }
    }

    /// What a model answers to `[[1, 2]]`: 2 is a `double`, 3 a `triple`.
    func ask(_ model: String, _ version: Int? = nil, rows: Int = 1) async throws -> Answer {
        let response = try await plane.infer(model: model, version: version, request: request(rows: rows))
        return Answer(response.version, response.outputs[0].tensor.elements(as: Double.self)[0])
    }

    func request(rows: Int) throws -> InferenceRequest {
        let values = (0..<2 * rows).map { Double($0 + 1) }
        return InferenceRequest(
            inputs: [NamedTensor(name: "x", tensor: try Tensor(.fp64, shape: [rows, 2], elements: values))])
    }
}
