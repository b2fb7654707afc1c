internal import Domain
internal import Foundation
internal import Lifecycle
internal import Serving
internal import Storage
internal import Wire

extension Bootstrap {
    /// - Parameter approvals: those of a version; nil where none can be read.
    func makePredictions(
        registry: Database, reader: RegistryReader, rollouts: RolloutStore, log: PredictionLogStore,
        feedback: any FeedbackStore, outcomes: any OutcomeStore, dataPlane: DataPlane,
        predictionIDs: any PredictionIDSealing,
        preparations: any VersionPreparationStore,
        approvals: @escaping @Sendable (ModelVersionID) async throws -> [Approval]?
    ) -> PredictionParts {
        PredictionParts(
            tracer: PredictionTracer(
                ids: predictionIDs, endpoints: EndpointStore(database: registry), registry: reader, rollouts: rollouts,
                log: log, feedback: feedback, outcomes: outcomes, approvals: approvals,
                describe: { try Self.describe($0) }),
            replayer: PredictionReplayer(plane: dataPlane, preparations: preparations))
    }

    /// Bytes of one recorded prediction that are shown: some ten thousand rows of a table. More would hold up the server and help nobody.
    static let shownBytesMax = 256 << 10

    /// A record's tensors as the Open Inference Protocol writes them.
    ///
    /// - Throws: `payloadTooLarge` where they are more than is shown.
    static func describe(_ record: PredictionRecord) throws -> (input: JSONValue, output: JSONValue) {
        let bytes = record.input.count + record.output.count
        guard bytes <= shownBytesMax else {
            throw MartletError(
                .payloadTooLarge,
                "They hold \(bytes) bytes, and at most \(shownBytesMax) are shown. Replay reads them all.")
        }
        let request = InferenceRequest(inputs: try TensorRecord.decode(record.input))
        let response = InferenceResponse(
            model: record.endpoint, version: record.version, id: nil, predictionID: record.id,
            outputs: try TensorRecord.decode(record.output))
        let decoder = JSONDecoder()
        return (
            try decoder.decode(JSONValue.self, from: Data(try OpenInferenceAnswer.encode(request, as: .record))),
            try decoder.decode(JSONValue.self, from: Data(try OpenInferenceAnswer.encode(response, as: .record)))
        )
    }
}
