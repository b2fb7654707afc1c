extension Migration {
    /// A policy is written before its model is registered, so nothing refers to the models. One in force and one that waits
    /// a model.
    static let policies = Migration(
        number: 20, name: "policies",
        sql: """
            CREATE TABLE policies (
                model TEXT NOT NULL, version BIGINT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
                PRIMARY KEY (model, version));
            CREATE UNIQUE INDEX policies_one_in_force ON policies (model) WHERE state = 'in_force';
            CREATE UNIQUE INDEX policies_one_waiting ON policies (model) WHERE state = 'pending_approval'
            """)

    /// `kind` is `model_version` or `policy`. Requests outlive what they were about.
    static let approvals = Migration(
        number: 21, name: "approvals",
        sql: """
            CREATE TABLE approvals (
                id BIGINT PRIMARY KEY, kind TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL,
                state TEXT NOT NULL, body TEXT NOT NULL, readiness TEXT);
            CREATE UNIQUE INDEX approvals_one_waiting ON approvals (kind, model, version) WHERE state = 'pending';
            CREATE INDEX approvals_by_subject ON approvals (model, kind, version, id)
            """)

    static let readiness = Migration(
        number: 22, name: "readiness",
        sql: """
            CREATE TABLE measurements (
                id BIGINT PRIMARY KEY, model TEXT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL,
                FOREIGN KEY (model, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE);
            CREATE INDEX measurements_by_version ON measurements (model, version, id);
            CREATE TABLE readiness_reports (
                model TEXT NOT NULL, version BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (model, version),
                FOREIGN KEY (model, version) REFERENCES model_versions (name, version)
                    ON UPDATE CASCADE ON DELETE CASCADE)
            """)
}
