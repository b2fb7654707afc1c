internal import Domain
internal import Foundation
internal import Guests
internal import Lifecycle
internal import Storage
internal import Wire

extension Bootstrap {
    /// The runner of guests, who see neither data nor keys of the server, nor its user's home.
    func makeGuests() -> ConfinedGuestRunner {
        var guests = GuestConfiguration()
        guests.runsOthersCode = configuration.guestsEnabled
        guests.userID = configuration.guestUserID
        guests.python = configuration.python
        guests.workersMax = configuration.pythonWorkers
        guests.workerMemoryBytesMax = configuration.pythonWorkerMebibytes << 20
        guests.hiddenPaths = privatePaths
        return ConfinedGuestRunner(configuration: guests)
    }

    /// Where the server has no guests' user to set guests apart, they could read whatever it can.
    private var privatePaths: [String] {
        let folders: [String?] = [
            configuration.dataDirectory, configuration.cacheDirectory,
            FileManager.default.homeDirectoryForCurrentUser.path, ProcessInfo.processInfo.environment["HOME"],
        ]
        let keys: [String?] = [configuration.encryptionKeyFile, configuration.keyFile, configuration.tlsKey]
        func urls(_ paths: [String?]) -> [URL] {
            paths.compactMap { $0 }.filter { !$0.isEmpty }.map { URL(filePath: $0).standardizedFileURL }
        }
        let files = urls(keys)
        // A key's folder too: whoever replaces the file takes away what covers it.
        let all: [URL] = urls(folders) + files + files.map { $0.deletingLastPathComponent() }
        return all.map { url in
            url.path.count > 1 && url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path
        }
    }

    /// What makes registered versions servable.
    ///
    /// - Throws: `internal` if the folder of converted models cannot be made.
    func makePreparer(
        reader: RegistryReader, store: PreparationStore, guests: ConfinedGuestRunner, python: PythonRuntime,
        clock: any WallClock,
        listener: any VersionPreparedListener,
        requireSignature: @escaping @Sendable (ModelVersionID) async throws -> Void
    ) throws -> VersionPreparer {
        VersionPreparer(
            registry: reader, artifacts: reader, store: store,
            converter: SklearnConverter(runner: guests, python: configuration.python),
            convertsOthersCode: guests.runsOthersCode,
            trial: GuestModelTrial(
                runner: guests, runtime: configuration.runtime,
                libraries: ProcessInfo.processInfo.environment.filter {
                    ["ONNXRUNTIME_LIB", "OPENVINO_LIB"].contains($0.key) && !$0.value.isEmpty
                }),
            pyfuncTrial: python,
            keeper: try ServableModelFolder(root: configuration.dataDirectory + "/servable"), listener: listener,
            requireSignature: requireSignature,
            parseFlavors: { try MLmodelDocument.parse($0) }, clock: clock, logger: logger)
    }
}
