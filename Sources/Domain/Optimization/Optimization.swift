/// One way to make a model smaller or faster.
public enum Optimization: Sendable, Hashable {
    /// Weights of dense and convolutional layers in 8 bits.
    case int8
    /// Weights and arithmetic in 16 bits; inputs and outputs stay.
    case fp16
    /// This share, above 0 and below 1, of an ensemble's trees is removed, or of each layer's weights is set to 0.
    case prune(share: Double)

    /// - Parameters:
    ///   - quantize: `int8` or `fp16`.
    ///   - prune: the share.
    /// - Throws: `invalidArgument` unless exactly one is given and is right.
    public init(quantize: String?, prune: Double?) throws(MartletError) {
        switch (quantize, prune) {
        case (nil, nil), (.some, .some):
            throw .invalid(
                "An optimisation is either quantize (int8 or fp16) or prune (a share). For both, optimise the version that the first one makes.",
                field: quantize == nil ? "quantize" : "prune")
        case ("int8", nil): self = .int8
        case ("fp16", nil): self = .fp16
        case (.some(let other), nil):
            throw .invalid("A model is quantised to int8 or fp16, not to “\(other.prefix(40))”.", field: "quantize")
        case (nil, .some(let share)):
            guard share > 0, share < 1 else {
                throw .invalid(
                    "The share to prune is above 0 and below 1, and \(share) is not: 0.3 removes three tenths.",
                    field: "prune")
            }
            self = .prune(share: share)
        }
    }
}

extension Optimization: CustomStringConvertible {
    /// `int8`, `fp16` or `prune 0.3`.
    public var description: String {
        switch self {
        case .int8: "int8"
        case .fp16: "fp16"
        case .prune(let share): "prune \(share)"
        }
    }
}
