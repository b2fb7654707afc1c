/// Commits one group of writes, each in a savepoint of its own. Called by one thread at a time, which it may block.
protocol GroupCommitting: Sendable {
    /// Runs the jobs and tells each, after the commit, what became of it.
    func commit(_ group: [WriteJob])
}
