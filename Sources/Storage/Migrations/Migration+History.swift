extension Migration {
    /// The history of every alias, stage, tag, description and name. A subject is one model from its registration to its
    /// deletion, whatever it is called meanwhile; a name that is given anew begins another subject. Of what was there before
    /// only the present state is known, which the entries with the origin `migration` say.
    static let registryHistory = Migration(
        number: 90, name: "registry history",
        sql: """
            CREATE TABLE registry_history (
                id BIGINT PRIMARY KEY, subject BIGINT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
                version BIGINT NOT NULL, value TEXT, previous TEXT, time BIGINT NOT NULL, actor_id TEXT NOT NULL,
                actor_name TEXT NOT NULL, origin TEXT NOT NULL);
            CREATE INDEX registry_history_by_subject ON registry_history (subject, id);
            CREATE INDEX registry_history_by_place ON registry_history (subject, kind, version, key, id);
            CREATE TABLE registered_model_names (
                subject BIGINT NOT NULL, name TEXT NOT NULL, began_entry BIGINT NOT NULL, began_at BIGINT NOT NULL,
                ended_at BIGINT, PRIMARY KEY (subject, began_entry));
            CREATE UNIQUE INDEX registered_model_names_current ON registered_model_names (name)
                WHERE ended_at IS NULL;
            CREATE INDEX registered_model_names_by_name ON registered_model_names (name, began_entry);
            CREATE TABLE registry_history_counters (
                only_row BIGINT PRIMARY KEY CHECK (only_row = 1), last_entry BIGINT NOT NULL,
                last_subject BIGINT NOT NULL);
            INSERT INTO registered_model_names (subject, name, began_entry, began_at)
                SELECT ROW_NUMBER() OVER (ORDER BY name), name, 0, 0 FROM registered_models;
            INSERT INTO registry_history
                (id, subject, kind, key, version, value, time, actor_id, actor_name, origin)
                SELECT ROW_NUMBER() OVER (ORDER BY subject, place, version, key), subject, kind, key, version, value,
                    0, 'system:server', 'server', 'migration'
                FROM (
                    SELECT subject, 0 AS place, 'name' AS kind, '' AS key, 0 AS version, name AS value
                        FROM registered_model_names
                    UNION ALL SELECT n.subject, 1, 'description', '', 0, m.description
                        FROM registered_models m JOIN registered_model_names n ON n.name = m.name
                        WHERE m.description IS NOT NULL
                    UNION ALL SELECT n.subject, 2, 'tag', t.key, 0, t.value
                        FROM registered_model_tags t JOIN registered_model_names n ON n.name = t.name
                    UNION ALL SELECT n.subject, 3, 'version', '', v.version, v.source
                        FROM model_versions v JOIN registered_model_names n ON n.name = v.name
                    UNION ALL SELECT n.subject, 4, 'version_description', '', v.version, v.description
                        FROM model_versions v JOIN registered_model_names n ON n.name = v.name
                        WHERE v.description IS NOT NULL
                    UNION ALL SELECT n.subject, 5, 'stage', '', v.version, v.stage
                        FROM model_versions v JOIN registered_model_names n ON n.name = v.name
                        WHERE v.stage <> 'None'
                    UNION ALL SELECT n.subject, 6, 'version_tag', t.key, t.version, t.value
                        FROM model_version_tags t JOIN registered_model_names n ON n.name = t.name
                    UNION ALL SELECT n.subject, 7, 'alias', a.alias, 0, CAST(a.version AS TEXT)
                        FROM registered_model_aliases a JOIN registered_model_names n ON n.name = a.name
                ) AS state;
            INSERT INTO registry_history_counters (only_row, last_entry, last_subject)
                SELECT 1, (SELECT COALESCE(MAX(id), 0) FROM registry_history),
                    (SELECT COALESCE(MAX(subject), 0) FROM registered_model_names)
            """)

    /// Dates what the migration before took over: no moment is common to both dialects, but the list of migrations has one.
    static let registryHistoryDates = Migration(
        number: 91, name: "registry history dates",
        sql: """
            UPDATE registry_history SET time = (SELECT applied_at FROM schema_migrations WHERE number = 90)
                WHERE origin = 'migration';
            UPDATE registered_model_names
                SET began_at = (SELECT applied_at FROM schema_migrations WHERE number = 90) WHERE began_entry = 0
            """)

    /// Who may move which alias. A rule stays with its name, whatever becomes of the model: who makes the model anew is bound by
    /// it.
    static let aliasRules = Migration(
        number: 92, name: "alias rules",
        sql: """
            CREATE TABLE alias_rules (
                name TEXT NOT NULL, alias TEXT NOT NULL, roles TEXT NOT NULL, principals TEXT NOT NULL,
                set_by TEXT NOT NULL, set_at BIGINT NOT NULL, PRIMARY KEY (name, alias))
            """)
}
