internal import Domain

/// Checks answers against the policy's output bounds.
enum OutputCheck {
    /// The first bound that is broken, as a sentence; nil if all hold. Outputs that were not computed are not checked; a bound on
    /// numbers is broken by NaN.
    static func violation(of bounds: [OutputBound], in outputs: [NamedTensor]) -> String? {
        for bound in bounds {
            guard let output = outputs.first(where: { $0.name == bound.output })?.tensor else { continue }
            let isOfNumbers = bound.minimum != nil || bound.maximum != nil || bound.maxChange != nil
            let isFinite = bound.finite ?? false
            for index in 0..<output.elementCount {
                if let allowed = bound.allowed, !allowed.contains(output.text(index)) {
                    return "The output \"\(bound.output)\" is \(output.text(index)), which the policy does not allow."
                }
                guard isOfNumbers || isFinite else { continue }
                let value = output.number(index) ?? .nan
                guard !isFinite || value.isFinite else {
                    return "The output \"\(bound.output)\" is \(value), which is not finite."
                }
                guard value >= bound.minimum ?? -.infinity, value <= bound.maximum ?? .infinity else {
                    return "The output \"\(bound.output)\" is \(value), outside the policy's bounds."
                }
            }
        }
        return nil
    }

    /// The first value that lies too far from the one before, as a sentence. Only answers of equally many values are compared.
    static func jump(of bounds: [OutputBound], from before: [[Double]], to now: [[Double]]) -> String? {
        for (place, bound) in bounds.enumerated() where before.indices.contains(place) && now.indices.contains(place) {
            guard let most = bound.maxChange, before[place].count == now[place].count else { continue }
            for (old, new) in zip(before[place], now[place]) where !(abs(new - old) <= most) {
                return
                    "The output \"\(bound.output)\" changes from \(old) to \(new) for this business key, by more than the policy allows."
            }
        }
        return nil
    }
}

/// Marks an answer that was withheld for breaking an output bound.
struct BoundBreach: Error {}
