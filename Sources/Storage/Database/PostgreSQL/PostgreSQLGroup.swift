internal import Domain
internal import Foundation

/// Commits groups of writes on the one writing connection of this process.
///
/// A lock that all processes on the schema share makes their writers one: each group sees everything committed before it,
/// and no two read the same "next number". A row counts this process's groups, so that the fate of a commit whose answer was
/// lost can be found out.
// @unchecked Sendable: only the writer's thread uses it.
final class PostgreSQLGroup: GroupCommitting, @unchecked Sendable {
    private let connector: PostgreSQLConnector
    /// A connection that is ready to be used.
    private let connect: @Sendable () throws -> PostgreSQLConnection
    private var connection: PostgreSQLConnection?
    /// Names this process's row.
    private let writer = Hex.random(bytes: 16)
    private var groupNumber: Int64 = 0

    init(connector: PostgreSQLConnector, connect: @escaping @Sendable () throws -> PostgreSQLConnection) {
        self.connector = connector
        self.connect = connect
    }

    func commit(_ group: [WriteJob]) {
        do {
            if connection?.isAlive() != true { connection = nil }
            let connection = try connection ?? connect()
            self.connection = connection
            run(group, on: connection)
            if connection.isBroken { self.connection = nil }
        } catch {
            for job in group { job.fail(error) }
        }
    }

    /// Closes the connection. Call it on the writer's thread, or when that has nothing more to do.
    func close() { connection = nil }

    private func run(_ jobs: [WriteJob], on connection: PostgreSQLConnection) {
        var done: [(job: WriteJob, finish: @Sendable () -> Void)] = []
        var tried = 0
        do throws(StorageError) {
            try begin(on: connection)
            for job in jobs {
                tried += 1
                if let finish = try attempt(job, isAlone: jobs.count == 1, on: connection) {
                    done.append((job, finish))
                }
            }
            guard !done.isEmpty else {
                try connection.queue("ROLLBACK")
                try connection.answers()
                return
            }
        } catch {
            // The transaction is not committed: nothing of the group is there.
            connection.giveUp()
            for job in done.map({ $0.job }) + jobs[tried...] { job.fail(error) }
            return
        }
        do throws(StorageError) {
            try commit(on: connection)
            for entry in done { entry.finish() }
        } catch {
            for entry in done { entry.job.fail(error) }
        }
    }

    private func begin(on connection: PostgreSQLConnection) throws(StorageError) {
        groupNumber += 1
        try connection.queue("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        try connection.queue("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [connector.writerLock])
        try connection.queue(
            """
            INSERT INTO commit_groups (writer, number, updated_at) VALUES ($1, $2, $3)
            ON CONFLICT (writer) DO UPDATE SET number = excluded.number, updated_at = excluded.updated_at
            """,
            [.text(writer), .integer(groupNumber), .integer(Int64(Date().timeIntervalSince1970 * 1_000))])
    }

    /// - Returns: what hands the result over once durable; nil if the job failed and was told.
    /// - Throws: if the whole group is lost; the job was told then.
    private func attempt(
        _ job: WriteJob, isAlone: Bool, on connection: PostgreSQLConnection
    ) throws(StorageError) -> (@Sendable () -> Void)? {
        if job.refuseIfLate() { return nil }
        do {
            if !isAlone { try connection.queue("SAVEPOINT one") }
            let finish = try job.run(SQLConnection(engine: .postgresql(connection)))
            if !isAlone { try connection.queue("RELEASE one") }
            // Of the others the errors belong to no job.
            if connection.owesStore { try connection.answers() }
            return finish
        } catch {
            job.fail(error)
            if connection.isBroken { throw (error as? StorageError) ?? .lost("it broke") }
            // What it still owes failed with the job, or is undone with it.
            _ = try? connection.answers()
            guard !isAlone else { return nil }
            do throws(StorageError) {
                try connection.queue("ROLLBACK TO one")
                try connection.queue("RELEASE one")
                try connection.answers()
            } catch let failure {
                // Then it was the group's beginning that failed, with an error that the job got as if it were its own.
                throw (error as? StorageError) ?? failure
            }
            return nil
        }
    }

    private func commit(on connection: PostgreSQLConnection) throws(StorageError) {
        let number = groupNumber
        do throws(StorageError) {
            try connection.queue("COMMIT")
            let answer = try connection.answers()
            // A transaction that has failed is rolled back by COMMIT, without an error.
            guard answer?.command == "COMMIT" else {
                throw StorageError(.other, "PostgreSQL rolled the transaction back.")
            }
        } catch {
            guard connection.isBroken else { throw error }
            // The answer was lost, not necessarily the commit.
            switch fate(ofGroup: number) {
            case true?: return
            case false?: throw error
            case nil:
                throw StorageError(
                    .outcomeUnknown, "The connection to PostgreSQL was lost at the commit: \(error.message)")
            }
        }
    }

    /// - Returns: whether the group is committed; nil if the server could not be asked in time.
    private func fate(ofGroup number: Int64) -> Bool? {
        let deadline = ContinuousClock.now + .seconds(PostgreSQLLimits.fateSeconds)
        while ContinuousClock.now < deadline {
            do {
                let connection = try connector.open(toWrite: true)
                try connection.queue("BEGIN")
                // Whoever is committing still has the lock.
                try connection.queue("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [connector.writerLock])
                let row = try connection.rows("SELECT number FROM commit_groups WHERE writer = $1", [.text(writer)])
                    .first
                return try row?.integer("number") == number
            } catch {
                // Asked again until the deadline; then the caller is told that nobody knows.
                Thread.sleep(forTimeInterval: PostgreSQLLimits.reconnectFirstSeconds)
            }
        }
        return nil
    }
}
