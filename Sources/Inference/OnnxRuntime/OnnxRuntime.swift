internal import COnnxRuntime
public import Domain

/// ONNX Runtime, loaded when this is made, so that a server without it starts and says what is missing.
public final class OnnxRuntime: Runtime {
    public let identity: String
    private let environment: OnnxEnvironment
    private let threads: Int

    /// - Parameter threads: how many threads one run may use. The default 1 is fastest for small models, which are over
    ///   before a second thread wakes, and keeps sums in one order.
    /// - Throws: `unavailable`, saying where it was looked for or why it cannot be used.
    public init(threads: Int = 1) throws(MartletError) {
        let path = try RuntimeLibraryFile.onnxRuntime.locate()
        environment = try OnnxEnvironment(path: path)
        self.threads = threads
        // Threads share sums in another order.
        let shared = threads == 1 ? "" : ", \(threads) threads a run"
        identity = "onnxruntime \(environment.version) (\(environment.build)), \(Processor.identity)\(shared)"
    }

    public func load(path: String) throws(MartletError) -> any ExecutableModel {
        do {
            return try OnnxModel(environment: environment, path: path, threads: threads)
        } catch  where error.code == .internal || error.code == .invalidArgument {
            throw MartletError(.failedPrecondition, "The model cannot be loaded. \(error.message)")
        }
    }
}

/// The library's process-wide state: one for each table.
final class OnnxEnvironment: Sendable {
    let table: OnnxTable
    /// For example `1.31.1`.
    let version: String
    /// The commit it was built from, or the whole build text where none is named.
    let build: String
    // Sendable by the library's contract: environment, memory description and default allocator may be used by all threads.
    nonisolated(unsafe) let environment: OpaquePointer
    // As above.
    nonisolated(unsafe) let memory: OpaquePointer
    // As above.
    nonisolated(unsafe) let allocator: OpaquePointer

    init(path: String) throws(MartletError) {
        var functions: MortTable?
        var versionText: UnsafePointer<CChar>?
        var message = [CChar](repeating: 0, count: 1024)
        guard mort_open(path, &functions, &versionText, &message, message.count), let functions, let versionText else {
            let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw MartletError(.unavailable, "ONNX Runtime at \(path) cannot be used: \(reason).")
        }
        let table = OnnxTable(functions: functions)
        let buildText = mort_build_info(functions).map { String(cString: $0) } ?? ""
        self.table = table
        version = String(cString: versionText)
        build = Self.commit(in: buildText)

        var environment: OpaquePointer?
        // 3 is error: warnings of models are not the server's news.
        try table.check(mort_create_env(functions, 3, "martlet", &environment))
        var memory: OpaquePointer?
        // Arena allocator, default memory.
        try table.check(mort_cpu_memory(functions, 1, 0, &memory))
        var allocator: OpaquePointer?
        try table.check(mort_default_allocator(functions, &allocator))
        guard let environment, let memory, let allocator else {
            throw MartletError(.internal, "ONNX Runtime gave no environment.")
        }
        try table.check(mort_disable_telemetry(functions, environment))
        self.environment = environment
        self.memory = memory
        self.allocator = allocator
    }

    deinit {
        mort_release_memory(table.functions, memory)
        mort_release_env(table.functions, environment)
    }

    private static func commit(in build: String) -> String {
        for part in build.split(separator: " ") where part.hasPrefix("git-commit-id=") {
            return String(part.dropFirst("git-commit-id=".count).prefix { $0 != "," })
        }
        return build.isEmpty ? "unknown build" : build
    }

    /// Takes a text that the library allocated.
    func takeText(_ text: UnsafeMutablePointer<CChar>?) throws(MartletError) -> String {
        guard let text else { return "" }
        let copy = String(cString: text)
        try table.check(mort_allocator_free(table.functions, allocator, text))
        return copy
    }
}
