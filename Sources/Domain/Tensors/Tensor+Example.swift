extension Tensor {
    /// Ones, or the text "a", of any datatype: what a model is tried with where nobody gave an example.
    ///
    /// - Throws: `invalidArgument` for a shape that is none.
    public static func ones(_ datatype: Datatype, shape: [Int]) throws(MartletError) -> Tensor {
        guard let count = elementCount(of: shape) else {
            throw MartletError.invalid("The shape \(shape) has no number of elements.")
        }
        switch datatype {
        case .bytes: return try Tensor(shape: shape, strings: .init(repeating: "a", count: count))
        case .fp32: return try Tensor(.fp32, shape: shape, elements: [Float](repeating: 1, count: count))
        case .fp64: return try Tensor(.fp64, shape: shape, elements: [Double](repeating: 1, count: count))
        case .fp16:
            return try Tensor(.fp16, shape: shape, elements: [UInt16](repeating: halfBits(1), count: count))
        case .bf16:
            return try Tensor(.bf16, shape: shape, elements: [UInt16](repeating: brainHalfBits(1), count: count))
        default:
            // One in every integer type: the lowest byte is 1, the others 0.
            let width = datatype.elementBytes ?? 1
            let bytes = (0..<count * width).map { UInt8($0 % width == 0 ? 1 : 0) }
            return try Tensor(datatype: datatype, shape: shape, bytes: bytes)
        }
    }

    /// The same elements in another shape of as many.
    ///
    /// - Throws: `invalidArgument` if it is not of as many.
    public func reshaped(_ shape: [Int]) throws(MartletError) -> Tensor {
        if shape == self.shape { return self }
        return datatype == .bytes
            ? try Tensor(shape: shape, bytes: bytes, offsets: offsets)
            : try Tensor(datatype: datatype, shape: shape, bytes: bytes)
    }
}
