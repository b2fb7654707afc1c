internal import Domain
internal import Guests
internal import Lifecycle
internal import Storage
internal import Wire

extension Bootstrap {
    /// What makes smaller and faster versions of registered ones.
    ///
    /// - Parameter preparations: whose files are on this machine.
    func makeOptimizer(
        reader: RegistryReader, preparations: any VersionPreparationStore, guests: ConfinedGuestRunner,
        keeper: OptimizedVersionStore, preparer: VersionPreparer, clock: any WallClock
    ) -> VersionOptimizer {
        VersionOptimizer(
            source: OptimizationSource(
                registry: reader, artifacts: reader, preparations: preparations,
                requireSignature: preparer.requireSignature),
            optimizer: OnnxOptimizer(runner: guests, python: configuration.python), keeper: keeper,
            listener: preparer,
            makeMLmodel: { source, layout in
                Array(try OnnxMLmodel.text(source: source, layout: layout, now: clock.now()).utf8)
            }, clock: clock, logger: logger)
    }
}
