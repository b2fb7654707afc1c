internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Server

/// `martlet guest`: what the server runs in confined children of itself.
struct Guest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the server runs in children of itself.", shouldDisplay: false, subcommands: [GuestTryModel.self]
    )
}

/// `martlet guest try-model PATH`
struct GuestTryModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try-model", abstract: "Load and run a model file once, and print what it is as JSON.",
        shouldDisplay: false)

    /// A golden request is one row; more is not read.
    static let requestBytesMax = 16 << 20

    @Argument(help: "The ONNX file.") var path: String
    @Option(help: "What computes it: onnxruntime or openvino.") var runtime = RuntimeChoice.onnxRuntime.rawValue
    @Option(help: "A file with a request of the Open Inference Protocol in JSON.") var goldenRequest: String?

    func run() async throws {
        guard let choice = RuntimeChoice(rawValue: runtime) else {
            throw ValidationError("There is no runtime \(runtime).")
        }
        var request: [UInt8]?
        if let goldenRequest {
            guard let file = FileHandle(forReadingAtPath: goldenRequest) else {
                throw ValidationError("The file \(goldenRequest) cannot be opened.")
            }
            request = Array(try file.read(upToCount: Self.requestBytesMax) ?? Data())
        }
        let report = try ModelTrial.run(path: path, runtime: choice, goldenRequest: request)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        FileHandle.standardOutput.write(try encoder.encode(report) + Data("\n".utf8))
    }
}
