internal import ArgumentParser
internal import Domain
internal import Foundation

/// What the process tells its caller.
///
/// 0: done. 1: failed. 2: the question was answered with no (not ready, difference found, chain broken).
/// 64: the command line itself is wrong (EX_USAGE).
enum CommandExit {
    static let failure = ExitCode(1)
    /// Throw this after printing why.
    static let answeredNo = ExitCode(2)

    /// Says on stderr what went wrong and what to do next.
    static func explain(_ error: MartletError) {
        var lines = ["martlet: \(error.message)"]
        if let field = error.field { lines.append("  field: \(field)") }
        switch error.code {
        case .unauthenticated:
            lines.append(
                "  Log in with `martlet login --url URL`, or set MARTLET_KEY. On the server's own machine the first")
            lines.append("  administrator's key is in the file admin-key of the data directory.")
        case .permissionDenied:
            lines.append(
                "  `martlet login --show` tells who you are. An administrator can grant roles with `martlet principal create`."
            )
        case .internal where error.cause != nil:
            if let cause = error.cause { lines.append("  cause: \(cause)") }
        default:
            break
        }
        // Messages quote names that others chose, which must not steer the terminal.
        let text = lines.map { line in
            String(
                String.UnicodeScalarView(
                    line.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
        }
        FileHandle.standardError.write(Data((text.joined(separator: "\n") + "\n").utf8))
    }
}
