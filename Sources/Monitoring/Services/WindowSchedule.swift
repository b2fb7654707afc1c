import Domain

/// Which stretch of a version's traffic is the next window. A value: the evaluator feeds it time and partials.
struct WindowSchedule: Sendable {
    /// After a window's end, the time that its last partials have to arrive.
    static let graceSeconds = 2.5
    /// A version with this much time in one window has too little traffic to be judged: the window begins anew.
    static let longestSeconds = 86_400.0

    let windowSeconds: Double
    /// Where the open window begins.
    private(set) var start: Timestamp

    /// Windows begin at whole multiples of their length.
    init(windowSeconds: Double, now: Timestamp) {
        self.windowSeconds = windowSeconds
        let length = Int64(windowSeconds * 1000)
        start = Timestamp(milliseconds: now.milliseconds / max(1, length) * length)
    }

    /// Continues after a window that was closed before a restart.
    init(windowSeconds: Double, resumingAt end: Timestamp) {
        self.windowSeconds = windowSeconds
        start = end
    }

    /// The end of the newest window that may be closed now; nil if not even the first is over.
    func due(_ now: Timestamp) -> Timestamp? {
        let elapsed = now.seconds(since: start) - Self.graceSeconds
        guard elapsed >= windowSeconds else { return nil }
        return start.adding(seconds: (elapsed / windowSeconds).rounded(.down) * windowSeconds)
    }

    /// Closes as many windows as the partials fill, oldest first; a window with too few rows is merged with the next.
    ///
    /// - Parameters:
    ///   - partials: all of the version that begin in `start ..< due`.
    ///   - rowsAtLeast: rows that a window needs.
    /// - Returns: start, end and content of each closed window.
    mutating func close(
        _ partials: [PartialWindow], upTo due: Timestamp, rowsAtLeast: Int
    ) -> [(start: Timestamp, end: Timestamp, content: PartialWindow)] {
        var closed: [(Timestamp, Timestamp, PartialWindow)] = []
        var content: PartialWindow?
        var remaining = partials.sorted { $0.start < $1.start }[...]
        var end = start.adding(seconds: windowSeconds)
        while end <= due {
            while let first = remaining.first, first.start < end {
                if content == nil { content = first } else { content?.merge(first) }
                remaining = remaining.dropFirst()
            }
            if let full = content, full.rows >= rowsAtLeast {
                closed.append((start, end, full))
                start = end
                content = nil
            } else if content == nil || end.seconds(since: start) >= Self.longestSeconds {
                // Nothing at all, or too little for a day: no verdict can come of it.
                start = end
                content = nil
            }
            end = end.adding(seconds: windowSeconds)
        }
        return closed
    }
}
