public import Domain

extension RunStore {
    /// Summaries of one call at most, as MLflow has it.
    public static let datasetSummariesMax = 1_000

    /// Data sets that runs of these experiments used, each use in one context once.
    ///
    /// - Parameter experimentIDs: ids that are no numbers name no experiment.
    public func datasets(experimentIDs: [String]) async throws -> [DatasetSummary] {
        let numbers = try SearchSQL.experiments(experimentIDs)
        guard !numbers.isEmpty else { return [] }
        return try await database.read { sql in
            let marks = numbers.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            return try sql.rows(
                """
                SELECT DISTINCT r.experiment_id, d.name, d.digest, d.context
                FROM run_datasets d JOIN runs r ON r.run_id = d.run_id
                WHERE r.experiment_id IN (\(marks))
                ORDER BY r.experiment_id, d.name, d.digest, d.context LIMIT \(Self.datasetSummariesMax)
                """, numbers.map { .integer($0) }
            ).map { row in
                DatasetSummary(
                    experimentID: String(try row.integer("experiment_id")), name: try row.text("name"),
                    digest: try row.text("digest"), context: try row.optionalText("context"))
            }
        }
    }
}
