public import Domain
internal import Inference

/// Computes recorded predictions again, in a model loaded for it, and compares byte by byte.
public struct PredictionReplayer: PredictionReplaying {
    let plane: DataPlane
    let preparations: any VersionPreparationStore
    /// What records of answers that no model made have for a runtime.
    static let ruleRuntime = "policy rule"

    public init(plane: DataPlane, preparations: any VersionPreparationStore) {
        self.plane = plane
        self.preparations = preparations
    }

    public func replay(_ id: PredictionID) async throws -> ReplayOutcome {
        _ = try plane.sealer.open(id)
        guard let record = try await plane.log.record(id) else {
            throw MartletError.notFound("The input and output of this prediction were not recorded.")
        }
        guard record.version > 0 else {
            throw MartletError.precondition(
                "No model has answered but a rule of the policy's fallback: there is nothing to compute again.")
        }
        let model = try await plane.loadedModel(
            ModelVersionID(model: record.endpoint, version: record.version), preparations: preparations)
        let inputs = try Signature(model).arrange(try TensorRecord.decode(record.input))
        let recorded = try TensorRecord.decode(record.output)
        let present = try await plane.run(model, inputs)
        return Self.compare(record, recorded, present, presentRuntime: model.runtimeIdentity)
    }

    static func compare(
        _ record: PredictionRecord, _ recorded: [NamedTensor], _ present: [NamedTensor], presentRuntime: String
    ) -> ReplayOutcome {
        let isIdentical = recorded == present
        let isSameRuntime = record.runtime == presentRuntime
        let difference = isIdentical ? 0 : TensorDifference.largest(recorded, present)
        let detail =
            if isIdentical {
                "Every output is the same, bit for bit."
            } else if let difference {
                "The outputs differ by at most \(difference)"
                    + (isSameRuntime ? " on the same runtime and processor." : "; runtime or processor differ.")
            } else {
                "The outputs differ in names, shapes or text."
            }
        return ReplayOutcome(
            predictionID: record.id, endpoint: record.endpoint, version: record.version, isIdentical: isIdentical,
            isSameRuntime: isSameRuntime, recordedRuntime: record.runtime, presentRuntime: presentRuntime,
            maxAbsoluteDifference: difference, detail: detail)
    }
}

/// How far two lists of outputs lie apart.
enum TensorDifference {
    /// The largest absolute difference of two numbers; nil where names, types, shapes or strings differ, or one is NaN alone.
    static func largest(_ first: [NamedTensor], _ second: [NamedTensor]) -> Double? {
        guard first.count == second.count else { return nil }
        var largest = 0.0
        for (one, other) in zip(first, second) {
            guard one.name == other.name, one.tensor.datatype == other.tensor.datatype,
                one.tensor.shape == other.tensor.shape
            else { return nil }
            if one.tensor.datatype == .bytes {
                guard one.tensor == other.tensor else { return nil }
                continue
            }
            for index in 0..<one.tensor.elementCount {
                let (a, b) = (one.tensor.number(index) ?? .nan, other.tensor.number(index) ?? .nan)
                if a == b || (a.isNaN && b.isNaN) { continue }
                let difference = abs(a - b)
                guard difference.isFinite else { return nil }
                largest = max(largest, difference)
            }
        }
        return largest
    }
}

extension DataPlane {
    /// A version's model: the one that is served, else loaded for this caller alone from its preparation.
    ///
    /// - Throws: `failedPrecondition` if it was not prepared or cannot be loaded.
    func loadedModel(
        _ id: ModelVersionID, preparations: any VersionPreparationStore
    ) async throws -> LoadedModel {
        if let routes = try? currentRoutes(), let served = routes.models[id] { return served }
        guard let preparation = try await preparations.preparation(id) else {
            throw MartletError.precondition("The version \(id) has not been prepared for serving.")
        }
        guard let servable = preparation.servable else {
            throw MartletError.precondition("The version \(id) cannot be served: \(preparation.detail)")
        }
        let models = ModelTable(runtime: runtime, python: python)
        return try await loader.run { () throws(MartletError) in try models.load(servable) }
    }
}
