internal import CPostgres
internal import Domain
internal import Foundation

/// PostgreSQL's client library, loaded when it is first needed: a server on SQLite does not need it.
// @unchecked Sendable: a table of functions that never changes.
struct LibPQ: @unchecked Sendable {
    /// The file or loader's name of the library, in place of the usual ones.
    static let pathVariable = "LIBPQ_LIB"

    let functions: MpqTable

    private static let loaded: Result<LibPQ, MartletError> = load()

    /// - Throws: `failedPrecondition` if the library is not on this machine or is too old.
    static func shared() throws(MartletError) -> LibPQ { try loaded.get() }

    private static func load() -> Result<LibPQ, MartletError> {
        let given = ProcessInfo.processInfo.environment[pathVariable]
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/libpq.so.5"
        var reasons: [String] = []
        for path in given.map({ [$0] }) ?? ["libpq.so.5", beside, "libpq.5.dylib"] {
            var isLoaded = false
            var message = [CChar](repeating: 0, count: 512)
            let functions = mpq_open(path, &isLoaded, &message, message.count)
            if isLoaded { return .success(LibPQ(functions: functions)) }
            reasons.append(String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return .failure(
            MartletError(
                .failedPrecondition,
                "PostgreSQL's client library (libpq) cannot be loaded: \(reasons.first ?? ""). Install it (Debian: libpq5), or name its file in \(pathVariable)."
            ))
    }
}
