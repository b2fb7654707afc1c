internal import Domain
internal import Inference

/// The policy's rules for one version's inputs, compiled once for each snapshot: what is asked of a request is a few comparisons a value.
final class InputRules: Sendable {
    private let blocks: [InputBlock]

    /// nil where there is nothing to check: no rules, or none whose feature the version has.
    init?(_ rules: [FeatureRule], columns: [FeatureColumn], metadata: ModelMetadata) {
        var blocks: [InputBlock] = []
        for (place, spec) in metadata.inputs.enumerated() {
            let ruled = columns.filter { $0.input == spec.name }.compactMap { column in
                rules.first { $0.name == column.name }.map { (column.index, $0) }
            }
            if !ruled.isEmpty { blocks.append(InputBlock(place: place, datatype: spec.datatype, rules: ruled)) }
        }
        guard !blocks.isEmpty else { return nil }
        self.blocks = blocks
    }

    /// - Parameter inputs: in the model's order, of the model's datatypes.
    /// - Returns: nil, without an allocation, where every value keeps the rules.
    /// - Throws: `unprocessable`, naming the first feature that is refused, with `InputRejection` as its cause.
    func check(_ inputs: [Tensor]) throws(MartletError) -> InputVerdict? {
        var isClean = true
        for block in blocks where isClean { isClean = block.isClean(inputs[block.place]) }
        return isClean ? nil : try examine(inputs)
    }

    private func examine(_ inputs: [Tensor]) throws(MartletError) -> InputVerdict? {
        var flags: [InputFlag] = []
        var given = inputs
        var sentence: String?
        for block in blocks where !block.isClean(inputs[block.place]) {
            let findings = block.examine(inputs[block.place])
            flags += findings.flags
            if let clipped = findings.clipped { given[block.place] = clipped }
            sentence = sentence ?? findings.rejection
        }
        if let sentence {
            throw MartletError(
                .unprocessable, sentence, field: flags.first { $0.outcome == .rejected }?.feature,
                cause: InputRejection(flags: flags))
        }
        guard !flags.isEmpty else { return nil }
        return InputVerdict(flags: flags, clipped: flags.contains { $0.outcome == .clipped } ? given : nil)
    }
}

/// What was found in a request that is computed all the same.
struct InputVerdict: Sendable {
    let flags: [InputFlag]
    /// What the model is to get, in its order; nil where nothing was clipped.
    let clipped: [Tensor]?
}

/// Marks a refusal by the policy's validation.
struct InputRejection: Error {
    let flags: [InputFlag]
}

extension MartletError {
    /// What validation found, where it is why the request was refused.
    var rejectedFlags: [InputFlag] { (cause as? InputRejection)?.flags ?? [] }
}
