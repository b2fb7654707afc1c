internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// Gives each guest a user of its own for as long as it runs, where the server is root.
final class GuestUserIDs: Sendable {
    /// The range that systemd keeps for dynamic users, so that no account has them.
    static let range: ClosedRange<UInt32> = 61184...65519

    /// Two servers of one machine begin at different places.
    private let state = Mutex<(next: UInt32, taken: Set<UInt32>)>((UInt32.random(in: GuestUserIDs.range), []))

    /// Ids go round, so that what one guest has left behind is not soon another's. There are far more of them than guests.
    ///
    /// - Parameter workFolder: where guests of other servers have their folders; neither their ids nor those of running processes are given.
    func take(workFolder: String) -> UInt32 {
        let others = Self.inUse(workFolder: workFolder)
        return state.withLock { state in
            var tries = Self.range.count
            while true {
                let id = state.next
                state.next = id == Self.range.upperBound ? Self.range.lowerBound : id + 1
                tries -= 1
                // Where all are others', at least no two guests of this server have the same.
                if tries > 0, others.contains(id) { continue }
                if state.taken.insert(id).inserted { return id }
            }
        }
    }

    func give(back id: UInt32) { state.withLock { _ = $0.taken.remove(id) } }

    private static func inUse(workFolder: String) -> Set<UInt32> {
        var found: Set<UInt32> = []
        for name in names(in: workFolder) where name.hasPrefix(GuestFolder.prefix) {
            var status = stat()
            if lstat(workFolder + "/" + name + "/work", &status) == 0 { found.insert(status.st_uid) }
        }
        for name in names(in: "/proc") where Int32(name) != nil {
            // Not the owner in /proc, which a process can make root.
            guard let data = FileManager.default.contents(atPath: "/proc/\(name)/status") else { continue }
            let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix("Uid:") }) else { continue }
            found.formUnion(line.split(whereSeparator: \.isWhitespace).compactMap { UInt32($0) })
        }
        return found
    }

    /// None where it cannot be read: ids are then as random as their start.
    private static func names(in folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}
