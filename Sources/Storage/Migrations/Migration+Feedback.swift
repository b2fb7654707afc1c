extension Migration {
    /// What was learned later about predictions: the current word on each row, and what it replaced.
    static let feedback = Migration(
        number: 40, name: "feedback",
        sql: """
            CREATE TABLE feedback (
                target TEXT NOT NULL,
                row_number BIGINT NOT NULL,
                endpoint TEXT NOT NULL,
                prediction_id TEXT,
                business_key TEXT,
                label TEXT,
                override TEXT,
                kpis TEXT NOT NULL,
                has_kpis BIGINT NOT NULL,
                time BIGINT NOT NULL,
                principal TEXT NOT NULL,
                PRIMARY KEY (target, row_number)
            );
            CREATE INDEX feedback_labelled ON feedback (endpoint, time) WHERE label IS NOT NULL;
            CREATE INDEX feedback_kpis ON feedback (endpoint, time) WHERE has_kpis = 1;
            CREATE TABLE feedback_history (
                target TEXT NOT NULL,
                row_number BIGINT NOT NULL,
                label TEXT,
                override TEXT,
                kpis TEXT NOT NULL,
                time BIGINT NOT NULL,
                principal TEXT NOT NULL,
                replaced_at BIGINT NOT NULL
            );
            CREATE INDEX feedback_history_target ON feedback_history (target, row_number, time)
            """)
}
