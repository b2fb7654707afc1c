internal import CAllocator

/// Keeps large buffers out of the heap.
enum LargeAllocations {
    /// Buffers from here on are mapped by themselves.
    private static let bytesMin: Int32 = 1 << 20

    /// Glibc raises its own limit to the largest buffer that was freed, up to 32 MiB, and from then on lays the parts of uploads into the
    /// heap, whose gaps it keeps: a file of 1 GiB streamed to S3 took 72 MiB so, and 37 with a limit that stays (mallopt(3)).
    static func returnWhenFreed() {
        // Other C libraries give such buffers back by themselves.
        _ = callocator_map_large_buffers(bytesMin)
    }

    /// Gives back what is free in the heap: of a model that was unloaded, most lies there in small pieces.
    static func giveBack() { callocator_trim() }
}
