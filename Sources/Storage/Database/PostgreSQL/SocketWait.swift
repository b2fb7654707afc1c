#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Waits for a socket with poll(2), by blocking the thread.
enum SocketWait {
    /// - Returns: what it is ready for, errors included; 0 when the time is over.
    static func poll(_ socket: Int32, _ events: Int16, milliseconds: Int32) -> Int16 {
        let deadline = ContinuousClock.now + .milliseconds(Int64(milliseconds))
        var entry = pollfd(fd: socket, events: events, revents: 0)
        var left = milliseconds
        while true {
            #if canImport(Glibc)
                let count = Glibc.poll(&entry, 1, left)
            #else
                let count = Darwin.poll(&entry, 1, left)
            #endif
            if count > 0 { return entry.revents }
            guard count < 0, errno == EINTR else { return count == 0 ? 0 : Int16(POLLERR) }
            let rest = ContinuousClock.now.duration(to: deadline)
            left = Int32(
                clamping: max(0, rest.components.seconds * 1_000 + rest.components.attoseconds / 1_000_000_000_000_000))
        }
    }
}
