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

    /// As Linux says it in `/proc/self/status`: `Cpus_allowed_list: 0-3,7`. Elsewhere, any number.
    private static var allowedProcessors: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let name = "Cpus_allowed_list:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return .max }
        return line.dropFirst(name.count).split(separator: ",").reduce(0) { count, part in
            let ends = part.split(separator: "-").compactMap { Int($0.filter(\.isNumber)) }
            guard let first = ends.first, let last = ends.last else { return count }
            return count + last - first + 1
        }
    }
}
