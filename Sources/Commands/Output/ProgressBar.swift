internal import Foundation

/// One line on standard error that says how far long work has come; nothing where standard error is no terminal.
struct ProgressBar {
    private static let width = 30

    let title: String
    private let isShown = isatty(STDERR_FILENO) == 1

    init(title: String) {
        self.title = title
    }

    func show(_ done: Int64, of total: Int64) {
        guard isShown else { return }
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
        let filled = Int(share * Double(Self.width))
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.width - filled)
        FileHandle.standardError.write(Data("\r\(title) [\(bar)] \(done)/\(total)".utf8))
    }

    /// Goes to the next line.
    func end() {
        if isShown { FileHandle.standardError.write(Data("\n".utf8)) }
    }
}
