/// The most frequent values of a stream in bounded memory: Space-Saving (Metwally, Agrawal and El Abbadi 2005), mergeable (Agarwal
/// and others 2012; Cafaro, Pulimeno and Tempesta 2016).
///
/// With `capacity` counters no count is too low, and none is too high by more than `errorMax`, at most total / capacity; every value more frequent
/// than that is among them. The bound survives merging. O(log capacity) a value.
public struct HeavyHitters: Sendable, Hashable, Codable {
    /// A counted value.
    public struct Entry: Sendable, Hashable, Codable {
        public let value: String
        /// At least the true count.
        public let count: Int
        /// The true count is at least `count - error`.
        public let error: Int
    }

    public let capacity: Int
    /// All values seen.
    public private(set) var total = 0
    /// A heap, the smallest count first.
    private var heap: [Counter] = []
    private var positions: [String: Int] = [:]
    /// What a value that has no counter can have been seen, at most.
    public private(set) var errorMax = 0

    private struct Counter: Sendable, Hashable, Codable {
        var value: String
        var count: Int
        var error: Int
    }

    /// - Parameter capacity: counters, 1 or more; 1 / capacity is the relative error.
    public init(capacity: Int) {
        precondition(capacity >= 1, "at least one counter")
        self.capacity = capacity
    }

    public mutating func insert(_ value: String, times: Int = 1) {
        guard times > 0 else { return }
        total += times
        if let position = positions[value] {
            heap[position].count += times
            sink(position)
        } else if heap.count < capacity {
            heap.append(Counter(value: value, count: times + errorMax, error: errorMax))
            positions[value] = heap.count - 1
            rise(heap.count - 1)
        } else {
            // The least counted value gives its counter, and its count becomes the newcomer's error.
            positions[heap[0].value] = nil
            errorMax = max(errorMax, heap[0].count)
            heap[0] = Counter(value: value, count: heap[0].count + times, error: heap[0].count)
            positions[value] = 0
            sink(0)
        }
    }

    /// Adds what the other has seen. The errors add up, and stay within total / capacity for equal capacities.
    public mutating func merge(_ other: HeavyHitters) {
        var merged: [String: (count: Int, error: Int)] = [:]
        for counter in heap { merged[counter.value] = (counter.count + other.errorMax, counter.error + other.errorMax) }
        for counter in other.heap {
            if let own = positions[counter.value] {
                merged[counter.value] = (heap[own].count + counter.count, heap[own].error + counter.error)
            } else {
                merged[counter.value] = (counter.count + errorMax, counter.error + errorMax)
            }
        }
        total += other.total
        errorMax += other.errorMax
        let sorted = merged.sorted {
            $0.value.count != $1.value.count ? $0.value.count > $1.value.count : $0.key < $1.key
        }
        if sorted.count > capacity { errorMax = max(errorMax, sorted[capacity].value.count) }
        heap = sorted.prefix(capacity).reversed().map {
            Counter(value: $0.key, count: $0.value.count, error: $0.value.error)
        }
        positions = [:]
        for (index, counter) in heap.enumerated() { positions[counter.value] = index }
    }

    /// The `n` highest counts, ties by name.
    public func top(_ n: Int) -> [Entry] {
        heap.map { Entry(value: $0.value, count: $0.count, error: $0.error) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.value < $1.value }
            .prefix(n).map { $0 }
    }

    /// The bounds of a value's true count.
    public func bounds(of value: String) -> ClosedRange<Int> {
        positions[value].map { (heap[$0].count - heap[$0].error)...heap[$0].count } ?? 0...errorMax
    }

    private mutating func rise(_ start: Int) {
        var child = start
        while child > 0, heap[child].count < heap[(child - 1) / 2].count {
            exchange(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].count < heap[least].count { least = child }
            }
            if least == parent { return }
            exchange(parent, least)
            parent = least
        }
    }

    private mutating func exchange(_ a: Int, _ b: Int) {
        heap.swapAt(a, b)
        positions[heap[a].value] = a
        positions[heap[b].value] = b
    }
}
