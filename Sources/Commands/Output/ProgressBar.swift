internal import Domain
internal import Foundation

/// One line on stderr that tells how far long work is. Where stderr is no terminal, a line every few seconds.
struct ProgressBar {
    static let width = 24
    /// Repainting more often is not seen.
    static let terminalInterval = Duration.milliseconds(100)
    /// Between lines of a log.
    static let logInterval = Duration.seconds(5)

    private let isTerminal: Bool
    private var shownAt: ContinuousClock.Instant?
    private var lastLength = 0

    init() {
        isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    }

    /// - Parameters:
    ///   - done: nil where no total is known.
    ///   - text: what is counted, for example `312/1000 runs, 1.2 GB, 42 MB/s`.
    mutating func show(_ fraction: Double?, _ text: String) {
        let now = ContinuousClock.now
        let interval = isTerminal ? Self.terminalInterval : Self.logInterval
        if let shownAt, now - shownAt < interval { return }
        shownAt = now
        write(fraction, text)
    }

    /// The last state, whenever the one before was shown.
    mutating func finish(_ text: String) {
        write(1, text)
        if isTerminal { FileHandle.standardError.write(Data("\n".utf8)) }
    }

    private mutating func write(_ fraction: Double?, _ text: String) {
        var line = text
        if let fraction {
            let filled = Int((min(max(fraction, 0), 1) * Double(Self.width)).rounded())
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
            line = "\(bar) \(text)"
        }
        let padding = String(repeating: " ", count: max(0, lastLength - line.count))
        lastLength = line.count
        FileHandle.standardError.write(Data((isTerminal ? "\r\(line)\(padding)" : "\(line)\n").utf8))
    }

    /// `1.2 GB`, in powers of ten.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(count)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f %@", value, units[unit])
    }
}
