/// Counts of any number of different values in fixed memory: the count-min sketch of Cormode and Muthukrishnan (2005), mergeable.
///
/// An estimate is never too low, and too high by more than ε × total with a chance of at most δ, with ε = e / width and δ = e^-depth. O(depth) a value.
public struct CountMinSketch: Sendable, Hashable, Codable {
    public let width: Int
    public let depth: Int
    public private(set) var total = 0
    private var counts: [Int]

    /// - Parameters:
    ///   - relativeError: ε of all values, more than 0.
    ///   - failure: δ, 0…1.
    public init(relativeError: Double = 0.001, failure: Double = 0.01) {
        precondition(relativeError > 0 && failure > 0 && failure < 1, "errors are between 0 and 1")
        width = max(2, Int((Elementary.exp(1) / relativeError).rounded(.up)))
        depth = max(1, Int((-Elementary.log(failure)).rounded(.up)))
        counts = [Int](repeating: 0, count: width * depth)
    }

    public mutating func insert(_ bytes: some Sequence<UInt8>, times: Int = 1) {
        total += times
        var hashes = SplitMix64(seed: HyperLogLog.hash(bytes))
        for row in 0..<depth { counts[row * width + Int(hashes.next() % UInt64(width))] += times }
    }

    /// How often the value that these bytes are went in, at most.
    public func estimate(_ bytes: some Sequence<UInt8>) -> Int {
        var hashes = SplitMix64(seed: HyperLogLog.hash(bytes))
        var least = Int.max
        for row in 0..<depth { least = min(least, counts[row * width + Int(hashes.next() % UInt64(width))]) }
        return least
    }

    /// Adds what the other has seen; both have the same size.
    public mutating func merge(_ other: CountMinSketch) {
        precondition(width == other.width && depth == other.depth, "the same size")
        for index in counts.indices { counts[index] += other.counts[index] }
        total += other.total
    }
}
