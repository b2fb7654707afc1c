extension Migration {
    static let predictionLog = Migration(
        number: 10, name: "prediction log",
        sql: """
            CREATE TABLE prediction_log (
                id TEXT PRIMARY KEY,
                time BIGINT NOT NULL,
                endpoint TEXT NOT NULL,
                version BIGINT NOT NULL,
                input BLOB NOT NULL,
                output BLOB NOT NULL,
                runtime TEXT NOT NULL
            );
            CREATE INDEX prediction_log_time ON prediction_log (time)
            """)
}
