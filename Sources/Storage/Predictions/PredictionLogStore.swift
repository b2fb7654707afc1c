public import Domain
internal import Synchronization

/// The prediction log in observations.db.
///
/// `append` is one durable write; `offer` queues for `run`, which must be running for sampled records to be stored.
public final class PredictionLogStore: PredictionLog {
    /// Sampled records that wait for the disk; more are refused, so that a slow disk never fills memory.
    public static let waitingMax = 1024

    /// How long offered records are gathered, so that a busy model costs the disk few writes.
    static let gatherInterval = Duration.milliseconds(100)

    private let database: Database
    private let cipher: ColumnCipher
    private let waiting = Mutex<[PredictionRecord]>([])
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameter cipher: encrypts inputs and outputs.
    public init(database: Database, cipher: ColumnCipher = .off) {
        self.database = database
        self.cipher = cipher
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    public func append(_ record: PredictionRecord) async throws {
        let cipher = cipher
        try await database.write { try Self.insert(record, cipher, $0) }
    }

    public func offer(_ record: PredictionRecord) -> Bool {
        let count = waiting.withLock { waiting in
            guard waiting.count < Self.waitingMax else { return 0 }
            waiting.append(record)
            return waiting.count
        }
        if count == 1 { wake.yield() }
        return count > 0
    }

    /// Stores what is offered until `finish` is called and the queue is empty.
    ///
    /// - Parameter failed: told of a record that could not be stored; it is lost, since the log is a sample.
    public func run(failed: @Sendable (any Error) -> Void) async {
        for await _ in wakes {
            // Interrupted only when the server stops: then what waits is stored at once.
            try? await Task.sleep(for: Self.gatherInterval)
            await storeWaiting(failed)
        }
        await storeWaiting(failed)
    }

    private func storeWaiting(_ failed: @Sendable (any Error) -> Void) async {
        let records = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !records.isEmpty else { return }
        let cipher = cipher
        do {
            try await database.write { sql in for record in records { try Self.insert(record, cipher, sql) } }
        } catch {
            // One that cannot be stored must not take the others along.
            for record in records {
                do { try await append(record) } catch { failed(error) }
            }
        }
    }

    /// Takes no more; `run` returns when the queue is empty.
    public func finish() { wake.finish() }

    public func record(_ id: PredictionID) async throws -> PredictionRecord? {
        let cipher = cipher
        return try await database.read { sql in
            try sql.row("SELECT * FROM prediction_log WHERE id = $1", [.text(id.rawValue)]).map { row in
                PredictionRecord(
                    id: id, time: Timestamp(milliseconds: try row.integer("time")), endpoint: try row.text("endpoint"),
                    version: try row.int("version"),
                    input: try cipher.open(try row.blob("input"), in: .logged("input", id)),
                    output: try cipher.open(try row.blob("output"), in: .logged("output", id)),
                    runtime: try row.text("runtime"))
            }
        }
    }

    /// Forgets records older than `time`, at most `rowsMax` a call; returns how many.
    public func prune(before time: Timestamp, rowsMax: Int) async throws -> Int {
        try await database.write { sql in
            try sql.execute(
                """
                DELETE FROM prediction_log WHERE id IN
                    (SELECT id FROM prediction_log WHERE time < $1 ORDER BY time LIMIT $2)
                """, [.integer(time.milliseconds), .integer(rowsMax)])
        }
    }

    private static func insert(_ record: PredictionRecord, _ cipher: ColumnCipher, _ sql: SQLConnection) throws {
        try sql.execute(
            """
            INSERT INTO prediction_log (id, time, endpoint, version, input, output, runtime)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                .text(record.id.rawValue), .integer(record.time.milliseconds), .text(record.endpoint),
                .integer(record.version), .blob(try cipher.seal(record.input, in: .logged("input", record.id))),
                .blob(try cipher.seal(record.output, in: .logged("output", record.id))), .text(record.runtime),
            ])
    }
}

extension ColumnPlace {
    static func logged(_ column: String, _ id: PredictionID) -> ColumnPlace {
        ColumnPlace(column: "prediction_log.\(column)", row: id.rawValue)
    }
}
