internal import Foundation
internal import Wire

/// The process's own figures, under the names that Prometheus' client libraries gave them.
enum ProcessFigures {
    static func write(to writer: inout PrometheusWriter) {
        if let usage = cpuSeconds {
            writer.family("process_cpu_seconds_total", .counter, "Processor time used, in seconds.", [.init([], usage)])
        }
        if let bytes = residentBytes {
            writer.family("process_resident_memory_bytes", .gauge, "Resident memory.", [.init([], bytes)])
        }
        if let count = openFiles {
            writer.family("process_open_fds", .gauge, "Open file descriptors.", [.init([], Double(count))])
        }
        writer.family(
            "process_start_time_seconds", .gauge, "Start of the process, in seconds since 1970.",
            [.init([], startedAt)])
    }

    /// Set at the first use, which Bootstrap makes when it adds the routes.
    static let startedAt = Date().timeIntervalSince1970

    private static var cpuSeconds: Double? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// nil where there is no /proc.
    private static var residentBytes: Double? {
        guard let content = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
        let fields = String(decoding: content, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Double(fields[1]).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    private static var openFiles: Int? {
        try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }
}
