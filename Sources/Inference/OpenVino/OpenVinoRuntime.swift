internal import COpenVino
public import Domain

/// OpenVINO, loaded when this is made, so that a server without it starts and says what is missing.
public final class OpenVinoRuntime: Runtime {
    public let identity: String
    private let library: OpenVinoLibrary
    private let threads: Int

    /// - Parameter threads: how many threads one run may use; as of `OnnxRuntime`.
    /// - Throws: `unavailable`, saying where it was looked for or why it cannot be used.
    public init(threads: Int = 1) throws(MartletError) {
        library = try OpenVinoLibrary(path: try RuntimeLibraryFile.openVino.locate())
        self.threads = threads
        identity = "openvino \(library.version), \(Processor.identity)"
    }

    public func load(path: String) throws(MartletError) -> any ExecutableModel {
        try OpenVinoModel(library: library, path: path, threads: threads)
    }
}

/// The opened library; it stays for the life of the process.
final class OpenVinoLibrary: Sendable {
    // Sendable by the library's contract: a core may be used by all threads, and the table of functions never changes.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// For example `2026.4.1-20000-abc`.
    let version: String

    init(path: String) throws(MartletError) {
        var library: OpaquePointer?
        var version = [CChar](repeating: 0, count: 256)
        var message = [CChar](repeating: 0, count: 1024)
        guard mov_open(path, &library, &version, version.count, &message, message.count), let library else {
            throw MartletError(.unavailable, "OpenVINO at \(path) cannot be used: \(Self.text(message)).")
        }
        pointer = library
        self.version = Self.text(version)
    }

    /// - Throws: what the library says, with `code`.
    func check(_ status: Int32, _ code: MartletError.Code = .internal) throws(MartletError) {
        guard status != 0 else { return }
        // Its messages are of many lines; the last says the reason.
        let lines = String(cString: mov_message(pointer, status)).split(whereSeparator: \.isNewline)
        throw MartletError(code, "OpenVINO says: \(lines.last.map(String.init) ?? "status \(status)")")
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
