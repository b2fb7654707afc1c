internal import Domain

/// The largest values of each row as text, for callers who want classes rather than numbers.
enum Classification {
    /// BYTES `value:index`, or `value:index:label` where the columns' labels are known; the largest first, of equal values the one
    /// with the lower index, NaN last. `[rows, k]`, or `[k]` for an output without rows; k is no more than a row has.
    ///
    /// - Throws: `invalidArgument` for an output of strings.
    static func top(
        _ k: Int, of output: NamedTensor, spec: TensorSpec, labels: [String]
    ) throws(MartletError) -> NamedTensor {
        let tensor = output.tensor
        guard tensor.datatype != .bytes else {
            throw MartletError.invalid(
                "The output \"\(output.name)\" is BYTES, and only numbers can be asked for as classes.",
                field: output.name)
        }
        let isInRows = tensor.shape.count > 1 || (tensor.shape.count == 1 && spec.shape.first == -1)
        let rows = isInRows ? tensor.rows : 1
        let width = rows == 0 ? 0 : tensor.elementCount / rows
        let count = min(k, width)
        let hasLabels = labels.count == width
        var strings: [String] = []
        strings.reserveCapacity(rows * count)
        for row in 0..<(width > 0 ? rows : 0) {
            let values = (0..<width).map { tensor.number(row * width + $0) ?? .nan }
            for index in order(values).prefix(count) {
                let value = "\(text(tensor, row * width + index)):\(index)"
                strings.append(hasLabels ? "\(value):\(labels[index])" : value)
            }
        }
        return NamedTensor(
            name: output.name, tensor: try Tensor(shape: isInRows ? [rows, count] : [count], strings: strings))
    }

    private static func order(_ values: [Double]) -> [Int] {
        values.indices.sorted { one, other in
            let (a, b) = (values[one], values[other])
            if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? one < other : b.isNaN }
            return a == b ? one < other : a > b
        }
    }

    /// The shortest text that reads back as the same value.
    private static func text(_ tensor: Tensor, _ index: Int) -> String {
        switch tensor.datatype {
        case .fp32: Float(tensor.number(index) ?? .nan).description
        case .fp64, .fp16, .bf16: (tensor.number(index) ?? .nan).description
        case .bool: tensor.bytes[index] == 0 ? "0" : "1"
        default: tensor.text(index)
        }
    }
}
