internal import Domain
internal import Synchronization

extension DataPlane {
    /// - Throws: `internal`, with `BoundBreach` as its cause, for an answer that may not leave.
    func check(_ outputs: [NamedTensor], of call: Call) throws(MartletError) {
        guard let endpoint = call.endpoint, !endpoint.outputBounds.isEmpty else { return }
        guard let violation = OutputCheck.violation(of: endpoint.outputBounds, in: outputs) ?? jump(outputs, call)
        else { return }
        counters.boundViolations.wrappingAdd(1, ordering: .relaxed)
        throw MartletError(
            .internal, "The answer of \(call.model.version.id) was withheld. \(violation)", cause: BoundBreach())
    }

    /// Compares with the last answer for the same business key, and remembers this one if it may leave.
    private func jump(_ outputs: [NamedTensor], _ call: Call) -> String? {
        // Who names a version must not choose what the endpoint's answers are compared with.
        guard call.isObserved, let endpoint = call.endpoint, let businessKey = call.request.businessKey,
            endpoint.outputBounds.contains(where: { $0.maxChange != nil })
        else { return nil }
        let key = ChangeMemory.Key(endpoint: endpoint.id, businessKey: businessKey)
        let now = endpoint.outputBounds.map { bound -> [Double] in
            guard bound.maxChange != nil, let output = outputs.first(where: { $0.name == bound.output })?.tensor,
                output.elementCount <= ChangeMemory.valuesMax
            else { return [] }
            return (0..<output.elementCount).map { output.number($0) ?? .nan }
        }
        if let before = changes.values(key),
            let jump = OutputCheck.jump(of: endpoint.outputBounds, from: before, to: now)
        {
            // Held back once: a new level that stays is let through. A candidate is stood in for by the champion, whose answer is
            // compared with the same.
            if call.role != .candidate || endpoint.champion == nil { changes.forget(key) }
            return jump
        }
        changes.remember(key, now)
        return nil
    }
}
