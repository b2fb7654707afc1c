internal import Domain

/// Checks answers against the policy's output bounds.
enum OutputCheck {
    /// The first bound that is broken, as a sentence; nil if all hold. Outputs that were not computed are not checked; a bound on
    /// numbers is broken by NaN.
    static func violation(of bounds: [OutputBound], in outputs: [NamedTensor]) -> String? {
        for bound in bounds {
            guard let output = outputs.first(where: { $0.name == bound.output })?.tensor else { continue }
            for index in 0..<output.elementCount {
                if let allowed = bound.allowed, !allowed.contains(output.text(index)) {
                    return "The output \"\(bound.output)\" is \(output.text(index)), which the policy does not allow."
                }
                guard bound.minimum != nil || bound.maximum != nil else { continue }
                let value = output.number(index) ?? .nan
                guard value >= bound.minimum ?? -.infinity, value <= bound.maximum ?? .infinity else {
                    return "The output \"\(bound.output)\" is \(value), outside the policy's bounds."
                }
            }
        }
        return nil
    }
}
