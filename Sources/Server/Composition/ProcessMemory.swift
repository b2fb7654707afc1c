internal import CAllocator
internal import ServiceLifecycle

/// Keeps this process small.
enum ProcessMemory {
    /// Buffers from here on are mapped by themselves.
    private static let bytesMin: Int32 = 1 << 20
    /// By default glibc gives back what is free at the end of a heap from 128 KiB on: a request of a batch had its memory mapped anew each time,
    /// at 15 page faults for 64 rows of 784 numbers.
    private static let keptBytes: Int32 = 1 << 20

    /// Keeps large buffers out of the heap.
    ///
    /// Glibc raises its own limit to the largest buffer that was freed, up to 32 MiB, and from then on lays the parts of uploads into the
    /// heap, whose gaps it keeps: a file of 1 GiB streamed to S3 took 72 MiB so, and 37 with a limit that stays (mallopt(3)).
    static func returnWhenFreed() {
        // Other C libraries give such buffers back by themselves.
        _ = callocator_map_large_buffers(bytesMin)
        _ = callocator_keep_free_heap(keptBytes)
    }

    /// Gives back what is free in the heap: of a model that was unloaded, most lies there in small pieces.
    static func giveBack() { callocator_trim() }
}

/// Gives back what was needed once: the free heap of the start, and again and again the pages of code that nothing runs any more.
///
/// A release, a page of the dashboard or the runtime's choice of kernels touches megabytes of code that stay mapped, and what a machine holds
/// of servers is counted by what is mapped. What runs on comes back from the system's cache of files, in less than a millisecond for all of it.
struct IdleMemoryService: Service {
    private static let interval = Duration.seconds(10)
    /// When the runtime's threads and the first looks at the database have come to rest.
    private static let startInterval = Duration.seconds(2)

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: Self.startInterval)
            ProcessMemory.giveBack()
            while true {
                callocator_forget_code()
                try await Task.sleep(for: Self.interval)
            }
        }
        try await gracefulShutdown()
    }
}
