internal import CAssets
internal import Domain
internal import FoundationEssentials

/// Starts workers, confined as guests are.
struct WorkerLauncher: Sendable {
    /// Imports of large libraries from a cold disk take a minute.
    static let startSeconds = 120.0
    private static let scriptName = "serve_pyfunc.py"

    /// A file of the model's folder and where it lies on this machine.
    typealias ModelFile = (file: VersionFile, localPath: String)

    let confinement: Confinement
    let configuration: GuestConfiguration
    let userIDs: GuestUserIDs
    var startSeconds = WorkerLauncher.startSeconds
    /// What a worker runs.
    var script: [UInt8] = {
        let asset = martlet_asset_serve_pyfunc_py()
        return Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
    }()

    private var limits: GuestLimits {
        GuestLimits(
            memoryBytesMax: configuration.workerMemoryBytesMax,
            // It serves for as long as it is wanted: runs have deadlines. No more seconds than the kernel can count as nanoseconds.
            cpuSeconds: 1 << 30, fileBytesMax: 1 << 30)
    }

    /// - Throws: `failedPrecondition`, saying why it has not started; `internal` if its folder cannot be made.
    func start(_ files: [ModelFile]) throws(MartletError) -> (WorkerProcess, WorkerMessage.Hello) {
        let guest: StagedGuest
        do {
            let names = try JSONEncoder().encode(["files": files.map(\.file)])
            guest = try StagedGuest(
                command(files, names: Array(names)), confinement: confinement, configuration, userIDs,
                endsWithServer: true)
        } catch {
            throw MartletError(
                .failedPrecondition, "The folder of its Python worker could not be filled: \(error)", cause: error)
        }
        return try WorkerProcess.start(guest, memoryBytesMax: limits.memoryBytesMax, seconds: startSeconds)
    }

    private func command(_ files: [ModelFile], names: [UInt8]) -> GuestCommand {
        var inputs = files.map { GuestCommand.Input(path: "model/\($0.file.path)", content: .file($0.localPath)) }
        inputs.append(.init(path: Self.scriptName, content: .bytes(script)))
        inputs.append(.init(path: "files.json", content: .bytes(names)))
        return GuestCommand(
            executable: configuration.python, arguments: [Self.scriptName], code: .others,
            environment: SklearnConverter.environment, inputs: inputs,
            readablePaths: SklearnConverter.readablePaths(python: configuration.python), limits: limits)
    }
}
