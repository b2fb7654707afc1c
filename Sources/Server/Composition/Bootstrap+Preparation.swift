internal import Domain
internal import Foundation
internal import Guests
internal import Lifecycle
internal import Storage
internal import Wire

extension Bootstrap {
    /// The runner of guests, who never see the data directory.
    func makeGuests() -> ConfinedGuestRunner {
        var guests = GuestConfiguration()
        guests.runsOthersCode = configuration.guestsEnabled
        guests.userID = configuration.guestUserID
        guests.python = configuration.python
        guests.workersMax = configuration.pythonWorkers
        guests.workerMemoryBytesMax = configuration.pythonWorkerMebibytes << 20
        guests.hiddenPaths.append(URL(filePath: configuration.dataDirectory).standardizedFileURL.path)
        return ConfinedGuestRunner(configuration: guests)
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
