internal import Domain
internal import FoundationEssentials

/// Where the shared library of a runtime is looked for.
struct RuntimeLibraryFile {
    /// For people.
    let title: String
    /// Without its ending.
    let name: String
    /// The environment variable that names the library's file.
    let variable: String
    /// Where to get it.
    let origin: String

    static let onnxRuntime = RuntimeLibraryFile(
        title: "ONNX Runtime", name: "libonnxruntime", variable: "ONNXRUNTIME_LIB",
        origin: "it is in the onnxruntime wheel and release archive")
    static let openVino = RuntimeLibraryFile(
        title: "OpenVINO", name: "libopenvino_c", variable: "OPENVINO_LIB",
        origin: "it is in the folder openvino/libs of the openvino wheel, with a number behind its name")

    private var fileName: String {
        #if os(macOS)
            name + ".dylib"
        #else
            name + ".so"
        #endif
    }

    /// In order: the file that the environment names, alone if it does; else beside the executable, in `lib/` beside it, and in
    /// `../lib/martlet/`.
    func candidates(environment: [String: String], executable: String) -> [String] {
        if let named = environment[variable], !named.isEmpty { return [named] }
        let folder = executable.lastIndex(of: "/").map { String(executable[..<$0]) } ?? "."
        return [
            "\(folder)/\(fileName)", "\(folder)/lib/\(fileName)", "\(folder)/../lib/martlet/\(fileName)",
        ]
    }

    /// The first candidate that exists.
    ///
    /// - Throws: `unavailable`, naming every place that was looked at.
    func locate() throws(MartletError) -> String {
        let candidates = candidates(
            environment: ProcessInfo.processInfo.environment, executable: Self.executablePath())
        if let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) { return found }
        throw MartletError(
            .unavailable,
            "\(title) is not there: no file at \(candidates.joined(separator: ", ")). "
                + "Set \(variable) to \(fileName) (\(origin)).")
    }

    private static func executablePath() -> String {
        let invoked = CommandLine.arguments.first ?? "."
        // Linux names the running file; elsewhere the name that it was called by must do.
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? invoked
    }
}
