internal import GRDB

/// Commits groups of writes on the one writing connection of a SQLite file.
struct SQLiteGroup: GroupCommitting {
    let pool: DatabasePool
    let sessions: SQLiteSessions

    func commit(_ group: [WriteJob]) {
        var remaining = group[...]
        // A disk error inside a savepoint can roll the whole transaction back; the jobs after it get one of their own.
        while !remaining.isEmpty {
            remaining = pool.writeWithoutTransaction { database in
                do {
                    return commitOnce(remaining, on: try sessions.session(of: database))
                } catch {
                    for job in remaining { job.fail(error) }
                    return []
                }
            }
        }
    }

    /// - Returns: the jobs not yet tried.
    private func commitOnce(_ jobs: ArraySlice<WriteJob>, on session: SQLiteSession) -> ArraySlice<WriteJob> {
        do {
            try session.execute("BEGIN IMMEDIATE")
        } catch {
            for job in jobs { job.fail(error) }
            return []
        }
        var done: [(job: WriteJob, finish: @Sendable () -> Void)] = []
        do throws(StorageError) {
            for index in jobs.indices {
                let job = jobs[index]
                if let finish = attempt(job, on: session) {
                    done.append((job, finish))
                } else if !session.isInsideTransaction {
                    let lost = StorageError(.disk, "SQLite rolled the transaction back.")
                    for entry in done { entry.job.fail(lost) }
                    return jobs[(index + 1)...]
                }
            }
            try session.execute("COMMIT")
        } catch {
            if session.isInsideTransaction {
                // The failure that matters is reported; a rollback that fails too leaves nothing committed either.
                _ = try? session.execute("ROLLBACK")
            }
            for entry in done { entry.job.fail(error) }
            return []
        }
        for entry in done { entry.finish() }
        return []
    }

    /// - Returns: what hands the result over once durable; nil if the job failed and was told.
    private func attempt(_ job: WriteJob, on session: SQLiteSession) -> (@Sendable () -> Void)? {
        if job.refuseIfLate() { return nil }
        do {
            try session.execute("SAVEPOINT one")
            let finish = try job.run(SQLConnection(engine: .sqlite(session)))
            try session.execute("RELEASE one")
            return finish
        } catch {
            if session.isInsideTransaction {
                do {
                    try session.execute("ROLLBACK TO one")
                    try session.execute("RELEASE one")
                } catch {
                    // The savepoint cannot be undone, so the whole group must not commit.
                    _ = try? session.execute("ROLLBACK")
                }
            }
            job.fail(error)
            return nil
        }
    }
}
