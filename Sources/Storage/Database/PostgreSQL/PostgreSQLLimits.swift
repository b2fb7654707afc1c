/// Bounds of everything that waits for a PostgreSQL server.
enum PostgreSQLLimits {
    /// The oldest server: PostgreSQL 15.
    static let serverVersionMin = 150_000
    /// Making a connection: name, TCP, TLS and log-in.
    static let connectSeconds = 10.0
    /// The server ends a statement that takes longer.
    static let statementMilliseconds = 30_000
    /// No answer for this long, although the server should have ended the statement: the connection is given up.
    static let answerSeconds = 40.0
    /// A migration may build an index over all that there is.
    static let migrationSeconds = 3_600.0
    /// The server waits for another transaction's lock, the one writer's included, at most so long.
    static let lockMilliseconds = 10_000
    /// The server ends a transaction whose client says nothing for so long, so that a lost server holds no lock for ever.
    static let idleInTransactionMilliseconds = 10_000
    /// Values of one statement: SQLite's limit, which is below PostgreSQL's 65,535, so that both refuse the same.
    static let valuesMax = 32_766
    /// Statements sent before their answers are read.
    static let unansweredMax = 1_000
    /// Reads that wait for a free connection.
    static let waitingReadsMax = 1_000
    static let readWaitMax = Duration.seconds(10)
    /// The first wait after a failed connection, and the longest: it doubles.
    static let reconnectFirstSeconds = 0.1
    static let reconnectMaxSeconds = 5.0
    /// How long the fate of a commit is asked for after its answer was lost.
    static let fateSeconds = 15.0
    /// Connections for reading.
    static let readersMax = 8
}
