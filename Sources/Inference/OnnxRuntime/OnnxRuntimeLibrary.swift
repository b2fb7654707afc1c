internal import Domain
internal import FoundationEssentials

/// Where the shared library of ONNX Runtime is looked for.
enum OnnxRuntimeLibrary {
    #if os(macOS)
        static let fileName = "libonnxruntime.dylib"
    #else
        static let fileName = "libonnxruntime.so"
    #endif

    /// The environment variable that names the library's file.
    static let variable = "ONNXRUNTIME_LIB"

    /// In order: the file that the environment names, alone if it does; else beside the executable, in `lib/` beside it, and in
    /// `../lib/martlet/`.
    static func candidates(environment: [String: String], executable: String) -> [String] {
        if let named = environment[variable], !named.isEmpty { return [named] }
        let folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
        return [
            "\(folder)/\(fileName)", "\(folder)/lib/\(fileName)", "\(folder)/../lib/martlet/\(fileName)",
        ]
    }

    /// The first candidate that exists.
    ///
    /// - Throws: `unavailable`, naming every place that was looked at.
    static func locate() throws(MartletError) -> String {
        let candidates = candidates(environment: ProcessInfo.processInfo.environment, executable: executablePath())
        if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) { return found }
        throw MartletError(
            .unavailable,
            "ONNX Runtime is not there: no file at \(candidates.joined(separator: ", ")). "
                + "Set \(variable) to libonnxruntime.so (it is in the onnxruntime wheel and release archive).")
    }

    private static func executablePath() -> String {
        let invoked = CommandLine.arguments.first ?? "."
        // Linux names the running file; elsewhere the name that it was called by must do.
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? invoked
    }
}
