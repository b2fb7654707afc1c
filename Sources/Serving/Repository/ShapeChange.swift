internal import Domain

/// One tensor in two shapes: as one side has it, and as the other.
struct ShapeChange: Sendable, Hashable {
    /// Without the batch; -1 is any size.
    let from: [Int]
    /// Without the batch, with as many open dimensions, in the same order.
    let to: [Int]
    /// Whether a batch comes first on both sides.
    let isBatched: Bool

    var reversed: ShapeChange { ShapeChange(from: to, to: from, isBatched: isBatched) }

    /// Whether each side has the elements of the other: between open dimensions as many in all.
    var isSound: Bool {
        func products(_ shape: [Int]) -> [Int] {
            shape.split(separator: -1, omittingEmptySubsequences: false).map {
                Tensor.elementCount(of: Array($0)) ?? -1
            }
        }
        return products(from) == products(to)
    }

    /// - Throws: `invalidArgument` where the tensor has not the shape that is to be changed.
    func apply(_ tensor: Tensor) throws(MartletError) -> Tensor {
        var shape = tensor.shape[...]
        var changed: [Int] = []
        if isBatched, let rows = shape.popFirst() { changed.append(rows) }
        guard shape.count == from.count else {
            throw .invalid("A tensor of the shape \(tensor.shape) cannot be reshaped from \(from) to \(to).")
        }
        var open = zip(from, shape).filter { $0.0 == -1 }.map(\.1)[...]
        for dimension in to { changed.append(dimension == -1 ? open.popFirst() ?? 1 : dimension) }
        return try tensor.reshaped(changed)
    }
}
