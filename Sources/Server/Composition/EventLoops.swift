internal import Foundation
internal import NIOCore

/// How many event loops answer requests.
enum EventLoops {
    /// One a processor that the process may use. NIO knows what a container allows, but not what `taskset` does; loops that share a
    /// processor hold one another up for as long as the scheduler lets one run.
    ///
    /// To be called before the first use of them.
    static func suggestCount() {
        NIOSingletons.groupLoopCountSuggestion = max(1, min(System.coreCount, allowedProcessors))
    }

    private static var allowedProcessors: Int {
        #if os(Linux)
            var allowed = cpu_set_t()
            guard sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &allowed) == 0 else { return .max }
            return withUnsafeBytes(of: allowed) { bytes in bytes.reduce(0) { $0 + $1.nonzeroBitCount } }
        #else
            return .max
        #endif
    }
}
