public import Domain
public import Logging
public import ServiceLifecycle

/// Empties the tap's buffer, counts what was in it and stores partial windows and outcomes.
///
/// An actor of its own, so that counting neither holds up requests nor other monitoring.
public actor ObservationPump: Service {
    /// How often the buffer is emptied: so often that it takes a millisecond or two, also in busy times.
    static let drainInterval = Duration.milliseconds(100)
    /// How many drains lie between two writes of partial windows: about a second.
    static let drainsPerFlush = 10
    /// Outcomes waiting for the store; at 200 bytes each, 20 MB. More are dropped and counted.
    static let outcomesMax = 100_000
    /// Requests held for a version whose reference is being built.
    static let heldMax = 20_000
    /// Rows of one request whose outcomes are kept; a larger batch is a backfill that gets no labels row by row.
    static let outcomeRowsMax = 1_000

    /// One for all of them: a process has one pump, tests have many.
    private static let thread = BackgroundThread(name: "martlet.count")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { Self.thread.asUnownedSerialExecutor() }

    private let sink: WindowAccumulator
    private let directory: ReferenceDirectory
    private let windows: any WindowStore
    private let outcomes: any OutcomeStore
    private let references: any ReferenceProfileStore
    private let clock: any WallClock
    private let logger: Logger

    private var counter = WindowCounter()
    private var totals = TrafficTotals()
    private var pendingOutcomes: [PredictionOutcome] = []
    private var held: [ModelVersionID: [Observation]] = [:]
    private var heldCount = 0
    private var live: [ModelVersionID: LiveReference] = [:]
    private var recordsOutcomes: [String: Bool] = [:]
    private var droppedOutcomes = 0
    /// What the store would not take, by what it was.
    private var refused: [String: Int] = [:]

    public init(
        sink: WindowAccumulator, directory: ReferenceDirectory, windows: any WindowStore, outcomes: any OutcomeStore,
        references: any ReferenceProfileStore, clock: any WallClock, logger: Logger
    ) {
        self.sink = sink
        self.directory = directory
        self.windows = windows
        self.outcomes = outcomes
        self.references = references
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.loop() }
        // The last second of traffic.
        await count()
        await storeOrLog()
    }

    private func loop() async {
        var drains = 0
        // Sleeping throws only when the task is cancelled: then the loop is over.
        while (try? await Task.sleep(for: Self.drainInterval)) != nil {
            drains += 1
            await count()
            if drains.isMultiple(of: Self.drainsPerFlush) { await storeOrLog() }
        }
    }

    /// Counts and stores all that came in before the call.
    ///
    /// - Throws: what the store throws; nothing is lost then, the next flush tries again.
    public func flush() async throws {
        await count()
        try await store()
    }

    /// Traffic since the process began.
    public var traffic: TrafficTotals { totals }

    /// What was lost for want of room, by what it was.
    public var dropped: [String: Int] {
        [
            "observation": sink.droppedCount, "outcome": droppedOutcomes + refused["outcome", default: 0],
            "window": counter.lostSlots + refused["window", default: 0],
        ]
    }

    /// Whether an endpoint's outcomes are kept for joining labels: not where its policy records nothing.
    func setRecording(_ recording: [String: Bool]) { recordsOutcomes = recording }

    private func count() async {
        for stripe in 0..<WindowAccumulator.stripeCount {
            var batch = sink.drain(stripe)
            for index in batch.indices {
                // Counted, stored and collected: read once for all three.
                batch[index].readAnswer()
                totals.add(batch[index])
                queueOutcomes(batch[index])
            }
            await take(batch)
        }
        await releaseHeld()
    }

    /// Those that are counted against a reference are counted together, column by column.
    private func take(_ batch: [Observation]) async {
        var counted: [ModelVersionID: [Int]] = [:]
        var references: [ModelVersionID: VersionReference] = [:]
        for index in batch.indices {
            if batch[index].failure == nil {
                let id = ModelVersionID(model: batch[index].endpoint, version: batch[index].version)
                if counted[id] == nil, case .ready(let reference) = directory.entry(id), reference.prediction != nil {
                    references[id] = reference
                    counted[id] = []
                }
                if references[id] != nil {
                    counted[id]?.append(index)
                    continue
                }
            }
            await take(batch[index])
        }
        for (id, indices) in counted {
            if let reference = references[id] { counter.add(batch, at: indices, reference: reference) }
        }
    }

    private func take(_ observation: Observation) async {
        let id = ModelVersionID(model: observation.endpoint, version: observation.version)
        guard observation.failure == nil else {
            counter.add(observation, reference: nil)
            return
        }
        switch directory.entry(id) {
        case .ready(let reference):
            counter.add(observation, reference: reference)
            if reference.prediction == nil { await completePrediction(reference, with: observation) }
        case .absent(let columns, let reason):
            counter.add(observation, reference: nil)
            await collect(observation, id, columns, reason)
        case nil:
            counter.add(observation, reference: nil)
            guard heldCount < Self.heldMax else { return }
            held[id, default: []].append(observation)
            heldCount += 1
        }
    }

    /// Counts the rows that came before their reference was known.
    private func releaseHeld() async {
        for (id, observations) in held {
            guard let entry = directory.entry(id) else { continue }
            held[id] = nil
            heldCount -= observations.count
            for observation in observations {
                switch entry {
                case .ready(let reference): counter.addRows(observation, reference: reference)
                case .absent(let columns, let reason): await collect(observation, id, columns, reason)
                }
            }
        }
    }

    private func collect(
        _ observation: Observation, _ id: ModelVersionID, _ columns: [FeatureColumn], _ reason: String
    ) async {
        // Another row of the same batch may have completed it already.
        guard case .absent = directory.entry(id), live[id, default: LiveReference()].add(observation) else { return }
        let first = live.removeValue(forKey: id) ?? LiveReference()
        await adopt(first.reference(version: id, columns: columns, reason: reason, now: clock.now()))
    }

    private func completePrediction(_ reference: VersionReference, with observation: Observation) async {
        let id = reference.profile.version
        guard live[id, default: LiveReference()].add(observation) else { return }
        let first = live.removeValue(forKey: id) ?? LiveReference()
        await adopt(first.completing(reference.profile, now: clock.now()))
    }

    private func adopt(_ reference: ReferenceProfile) async {
        do {
            try await references.save(reference)
        } catch {
            // Used all the same; a restart collects anew.
            logger.error("a live reference could not be stored", metadata: ["error": "\(error)"])
        }
        directory.set(.ready(VersionReference(reference)), for: reference.version)
        logger.info(
            "live rows became a reference",
            metadata: ["version": "\(reference.version)", "detail": "\(reference.detail)"])
    }

    private func queueOutcomes(_ observation: Observation) {
        guard observation.failure == nil, recordsOutcomes[observation.endpoint] ?? true else { return }
        let rows = min(observation.rows, Self.outcomeRowsMax)
        droppedOutcomes += observation.rows - rows
        guard pendingOutcomes.count + rows <= Self.outcomesMax else {
            droppedOutcomes += rows
            return
        }
        for row in 0..<rows {
            guard let predicted = observation.predictions.text(at: row) else { continue }
            pendingOutcomes.append(
                PredictionOutcome(
                    predictionID: observation.predictionID, row: row, endpoint: observation.endpoint,
                    version: observation.version, role: observation.role, time: observation.askedAt,
                    predicted: predicted,
                    score: observation.scores.indices.contains(row) ? observation.scores[row] : nil,
                    businessKey: observation.businessKey))
        }
    }

    private func storeOrLog() async {
        do {
            try await store()
        } catch {
            logger.error("windows could not be stored; trying again", metadata: ["error": "\(error)"])
        }
    }

    private func store() async throws {
        let partials = counter.take()
        do {
            try await keep(partials, "window") { [windows] in try await windows.append($0) }
        } catch {
            counter.putBack(partials)
            throw error
        }
        let rows = pendingOutcomes
        pendingOutcomes = []
        do {
            try await keep(rows, "outcome") { [outcomes] in try await outcomes.append($0) }
        } catch {
            let room = max(0, Self.outcomesMax - pendingOutcomes.count)
            droppedOutcomes += max(0, rows.count - room)
            pendingOutcomes = rows.suffix(room) + pendingOutcomes
            throw error
        }
    }

    /// Stores a batch; where the store refuses it for what is in it, each item by itself, so that one that can never be stored
    /// holds up no other. Such an item is dropped and counted.
    ///
    /// - Throws: what is not the items' fault: the batch is to be tried again.
    private func keep<Item: Sendable>(
        _ batch: [Item], _ kind: String, _ append: @Sendable ([Item]) async throws -> Void
    ) async throws {
        guard !batch.isEmpty else { return }
        do {
            try await append(batch)
        } catch  where Self.isRefusal(error) {
            guard batch.count > 1 else {
                refused[kind, default: 0] += 1
                logger.error("a \(kind) cannot be stored and is dropped", metadata: ["error": "\(error)"])
                return
            }
            // Batches are stored whole or not at all, so the halves hold nothing that is there already.
            try await keep(Array(batch[..<(batch.count / 2)]), kind, append)
            try await keep(Array(batch[(batch.count / 2)...]), kind, append)
        }
    }

    /// Whether the store refused what it was given, as against failing.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case let error as MartletError: error.code == .invalidArgument || error.code == .failedPrecondition
        default: error is EncodingError
        }
    }
}

extension Observation.ColumnValues {
    /// One value as text; nil where it is missing or there is no such row.
    func text(at row: Int) -> String? {
        switch self {
        case .numeric(let numbers):
            numbers.indices.contains(row) && !numbers[row].isNaN ? LabelText.canonical(numbers[row]) : nil
        case .categorical(let texts): texts.indices.contains(row) ? texts[row] : nil
        }
    }
}
