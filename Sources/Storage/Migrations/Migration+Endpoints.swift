extension Migration {
    /// A model with an endpoint cannot be deleted, nor a version that an endpoint names; renames follow.
    static let endpoints = Migration(
        number: 24, name: "endpoints",
        sql: """
            CREATE TABLE endpoint_counters (
                only_row BIGINT PRIMARY KEY CHECK (only_row = 1), generation BIGINT NOT NULL,
                last_endpoint_id BIGINT NOT NULL, last_rollout_id BIGINT NOT NULL);
            INSERT INTO endpoint_counters (only_row, generation, last_endpoint_id, last_rollout_id)
                VALUES (1, 0, 0, 0);
            CREATE TABLE endpoints (
                name TEXT PRIMARY KEY REFERENCES registered_models (name) ON UPDATE CASCADE,
                id BIGINT NOT NULL UNIQUE, previous_champion BIGINT, policy_version BIGINT, rollout_id BIGINT,
                rollout_step BIGINT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL);
            CREATE TABLE endpoint_variants (
                name TEXT NOT NULL, version BIGINT NOT NULL, position BIGINT NOT NULL, role TEXT NOT NULL,
                weight_basis_points BIGINT NOT NULL CHECK (weight_basis_points BETWEEN 0 AND 10000),
                PRIMARY KEY (name, version),
                FOREIGN KEY (name, version) REFERENCES model_versions (name, version) ON UPDATE CASCADE)
            """)

    /// One rollout under way an endpoint.
    static let rollouts = Migration(
        number: 25, name: "rollouts",
        sql: """
            CREATE TABLE rollouts (
                id BIGINT PRIMARY KEY,
                endpoint TEXT NOT NULL REFERENCES endpoints (name) ON UPDATE CASCADE,
                state TEXT NOT NULL, is_active BIGINT NOT NULL, champion_alias TEXT NOT NULL, document TEXT NOT NULL);
            CREATE UNIQUE INDEX rollouts_one_active ON rollouts (endpoint) WHERE is_active = 1;
            CREATE INDEX rollouts_by_endpoint ON rollouts (endpoint, id);
            CREATE TABLE rollout_events (
                rollout_id BIGINT NOT NULL REFERENCES rollouts (id), sequence BIGINT NOT NULL, kind TEXT NOT NULL,
                step BIGINT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (rollout_id, sequence))
            """)
}
