internal import Domain
internal import Guests
internal import Lifecycle
internal import Monitoring
internal import Storage

extension Bootstrap {
    /// Retraining over recorded predictions and their labels.
    func makeRetraining(
        registry: Database, keys: any NarrowKeyIssuing, policies: PolicyStore, reader: RegistryReader,
        guests: ConfinedGuestRunner,
        monitoring: MonitoringParts, observations: Database, predictionLog: PredictionLogStore,
        preparations: PreparationStore, address: ServerAddress, clock: any WallClock
    ) -> RetrainingParts {
        let store = RetrainingStore(database: registry, clock: clock)
        let data = RecordedDataSource(
            labelled: LabelledPredictions(
                feedback: monitoring.feedback, outcomes: monitoring.outcomes),
            log: predictionLog, preparations: preparations, clock: clock, days: configuration.observationDays)
        let child = RetrainingChild(
            runner: guests, keys: keys, data: data, registry: reader,
            serverURL: { address.url },
            readablePaths: SklearnConverter.readablePaths(python: configuration.python) + configuration.guestPaths)
        return RetrainingParts(
            store: store,
            service: RetrainingService(policies: policies, runs: store, child: child, clock: clock, logger: logger))
    }
}
