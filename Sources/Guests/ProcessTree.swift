internal import FoundationEssentials
internal import Glibc

/// A look at a process and all its descendants, from /proc. Processes that end while this looks count as 0.
enum ProcessTree {
    /// What one process takes.
    private struct Usage {
        var parent: Int32
        var residentBytes: Int
        var processorTicks: Int
    }

    static func residentBytes(of root: pid_t) -> Int { residentBytes(of: [root])[0] }

    /// Of several trees, by one look at all processes.
    static func residentBytes(of roots: [pid_t]) -> [Int] {
        let all = usages()
        let children = Dictionary(grouping: all.keys) { all[$0]?.parent }
        return roots.map { usages(of: $0, all, children).reduce(0) { $0 + $1.residentBytes } }
    }

    /// Those who have ended, and whom their parents waited for, included.
    static func processorSeconds(of root: pid_t) -> Double {
        let all = usages()
        let children = Dictionary(grouping: all.keys) { all[$0]?.parent }
        return Double(usages(of: root, all, children).reduce(0) { $0 + $1.processorTicks }) / ticksPerSecond
    }

    private static func usages() -> [Int32: Usage] {
        var all: [Int32: Usage] = [:]
        // An unreadable /proc means no figure: the address-space limit still holds.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for name in names {
            guard let identifier = Int32(name), let data = FileManager.default.contents(atPath: "/proc/\(name)/stat")
            else { continue }
            all[identifier] = usage(String(decoding: data, as: UTF8.self))
        }
        return all
    }

    private static func usages(of root: pid_t, _ all: [Int32: Usage], _ children: [Int32?: [Int32]]) -> [Usage] {
        var found: [Usage] = []
        var open: [Int32] = [root]
        while let next = open.popLast() {
            if let usage = all[next] { found.append(usage) }
            open += children[next] ?? []
        }
        return found
    }

    /// As proc_pid_stat(5) has it.
    private static func usage(_ text: String) -> Usage? {
        // The command's name is in parentheses and may hold anything; fields count from after the last one.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 21, let parent = Int32(fields[1]), let pages = Int(fields[21]) else { return nil }
        return Usage(
            parent: parent, residentBytes: pages * pageBytes,
            processorTicks: fields[11...14].reduce(0) { $0 + (Int($1) ?? 0) })
    }

    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
}
