/// A uniform sample without replacement of a stream of unknown length, mergeable.
///
/// Every element gets a random tag and those with the smallest tags stay (bottom-k; Vitter 1985 for the task, Cohen and Kaplan 2007 for the
/// scheme): after any number of merges every subset of the size is equally likely, provided that the reservoirs have different seeds. Once full,
/// elements are skipped by a single comparison. O(log k) for one that stays.
public struct Reservoir<Element: Sendable>: Sendable {
    public let capacity: Int
    /// Elements seen.
    public private(set) var count = 0
    /// A heap, the greatest tag first.
    private var heap: [(tag: UInt64, element: Element)] = []
    private var random: SplitMix64

    /// - Parameters:
    ///   - capacity: 1 or more.
    ///   - seed: different for every reservoir that will be merged with this one; equal seeds would tie their samples together.
    public init(capacity: Int, seed: UInt64) {
        precondition(capacity >= 1, "a reservoir holds at least one element")
        self.capacity = capacity
        random = SplitMix64(seed: seed)
    }

    public mutating func insert(_ element: Element) {
        count += 1
        add(random.next(), element)
    }

    /// Adds what the other has seen.
    public mutating func merge(_ other: Reservoir) {
        count += other.count
        for (tag, element) in other.heap { add(tag, element) }
    }

    /// The sample, in random order; all elements while there are no more than `capacity`.
    public var sample: [Element] { heap.sorted { $0.tag < $1.tag }.map(\.element) }

    private mutating func add(_ tag: UInt64, _ element: Element) {
        if heap.count < capacity {
            heap.append((tag, element))
            var child = heap.count - 1
            while child > 0, heap[child].tag > heap[(child - 1) / 2].tag {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if tag < heap[0].tag {
            heap[0] = (tag, element)
            var parent = 0
            while true {
                var greatest = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                    if heap[child].tag > heap[greatest].tag { greatest = child }
                }
                if greatest == parent { return }
                heap.swapAt(parent, greatest)
                parent = greatest
            }
        }
    }
}
