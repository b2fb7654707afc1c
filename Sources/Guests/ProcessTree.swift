internal import FoundationEssentials
internal import Glibc

/// A look at the processes of the machine, from /proc.
enum ProcessTree {
    /// Resident bytes of `root` and all its descendants; processes that end while this looks count as 0.
    static func residentBytes(of root: pid_t) -> Int {
        var children: [Int32: [Int32]] = [:]
        var resident: [Int32: Int] = [:]
        // An unreadable /proc means no figure: the address-space limit still holds.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for name in names {
            guard let identifier = Int32(name), let data = FileManager.default.contents(atPath: "/proc/\(name)/stat")
            else { continue }
            // The command's name is in parentheses and may hold anything; fields count from after the last one.
            let text = String(decoding: data, as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { continue }
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 21, let parent = Int32(fields[1]), let pages = Int(fields[21]) else { continue }
            children[parent, default: []].append(identifier)
            resident[identifier] = pages * pageBytes
        }
        var total = 0
        var open: [Int32] = [root]
        while let next = open.popLast() {
            total += resident[next] ?? 0
            open += children[next] ?? []
        }
        return total
    }

    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))
}
