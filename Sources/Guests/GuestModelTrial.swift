public import Domain
internal import FoundationEssentials
internal import Glibc

/// Tries a model file with `martlet guest try-model` in a confined child of the server's own binary.
public struct GuestModelTrial: ModelTrying {
    static let reasonCharactersMax = 500

    let runner: any GuestRunner
    let binary: String
    let runtime: RuntimeChoice
    let libraries: [String: String]
    let limits: GuestLimits

    /// - Parameters:
    ///   - binary: the server's own executable.
    ///   - runtime: what is to serve the models.
    ///   - libraries: the environment's names of libraries that are not beside the binary, and their files.
    public init(
        runner: any GuestRunner, binary: String = GuestModelTrial.ownBinary(), runtime: RuntimeChoice,
        libraries: [String: String],
        limits: GuestLimits = GuestLimits(wallSeconds: 60, cpuSeconds: 60, outputBytesMax: 32 << 20)
    ) {
        self.runner = runner
        self.binary = binary
        self.runtime = runtime
        self.libraries = libraries
        self.limits = limits
    }

    /// Where the running executable lies.
    public static func ownBinary() -> String {
        guard let resolved = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    public func tryModel(at path: String, request: String?) async throws -> TrialReport {
        var inputs = try Self.modelFiles(path)
        var arguments = ["guest", "try-model", Self.name(path), "--runtime", runtime.rawValue]
        if let request {
            inputs.append(.init(path: "request.json", content: .bytes(Array(request.utf8))))
            arguments += ["--golden-request", "request.json"]
        }
        let folder = Self.folder(of: binary)
        let result = try await runner.run(
            GuestCommand(
                executable: binary, arguments: arguments, code: .own, environment: libraries, inputs: inputs,
                readablePaths: [folder] + libraries.values.sorted().map(Self.folder(of:)), limits: limits))
        guard result.isSuccess else {
            let words = result.standardError.suffix(Self.reasonCharactersMax)
            throw MartletError.invalid("The model's trial \(result.ending). \(words)")
        }
        do {
            return try JSONDecoder().decode(TrialReport.self, from: Data(result.standardOutput.utf8))
        } catch {
            throw MartletError(.internal, "The report of the model's trial cannot be read.", cause: error)
        }
    }

    /// A library finds others, and its plugins, beside itself.
    private static func folder(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map { $0.hasSuffix(".onnx") ? String($0) : "model.onnx" } ?? "model.onnx"
    }

    /// The model, and where it lies in a folder of its own, its external data with it.
    static func modelFiles(_ path: String) throws -> [GuestCommand.Input] {
        let own = GuestCommand.Input(path: name(path), content: .file(path))
        guard path.hasSuffix(".onnx"), let slash = path.lastIndex(of: "/") else { return [own] }
        let folder = String(path[..<slash])
        let others = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".data") }
        return [own] + others.map { .init(path: $0, content: .file(folder + "/" + $0)) }
    }
}
