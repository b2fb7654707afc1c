import Dispatch
import Foundation
import Synchronization

/// A thread for work that can wait, of lower priority than those that answer requests: where they share a processor, a prediction is not held up
/// by the counting of those before it.
final class BackgroundThread: SerialExecutor {
    /// As `nice` has it: some third of the share of a thread that answers.
    private static let niceness: Int32 = 5

    private let jobs = Mutex<[UnownedJob]>([])
    private let wake = DispatchSemaphore(value: 0)

    /// - Parameter name: as tools show it.
    init(name: String) {
        let thread = Thread { [self] in work() }
        thread.name = name
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isFirst = jobs.withLock { jobs in
            jobs.append(job)
            return jobs.count == 1
        }
        if isFirst { wake.signal() }
    }

    /// For ever: it lives as long as the actor of the process that it serves.
    private func work() {
        #if os(Linux)
            // Of this thread alone, as Linux has it. Where it is not allowed the work is done all the same.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        #endif
        while true {
            wake.wait()
            while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                job.runSynchronously(on: asUnownedSerialExecutor())
            }
        }
    }
}
