internal import Domain

extension RunStore {
    /// The tag in which clients before MLflow 3 look for the models of a run: a list of JSON.
    static let modelRecordsTag = "mlflow.log-model.history"

    /// Adds what an older client tells of a model that it logged.
    ///
    /// - Parameter record: one JSON object.
    /// - Throws: `notFound`, `invalidArgument` for a deleted run or a list longer than a tag may be.
    public func note(model record: String, on id: String) async throws {
        try await database.write { sql in
            _ = try Self.active(sql, id: id)
            let row = try sql.row(
                "SELECT value FROM run_tags WHERE run_id = $1 AND key = $2", [.text(id), .text(Self.modelRecordsTag)])
            var list = "[\(record)]"
            if let old = try row?.text("value"), old.hasPrefix("["), old.hasSuffix("]"), old != "[]" {
                list = "\(old.dropLast()), \(record)]"
            }
            try TrackingLimits.checkLength(
                list, max: TrackingLimits.tagValueCharactersMax, of: "tags.\(Self.modelRecordsTag)")
            try Self.setTag(sql, runID: id, key: Self.modelRecordsTag, value: list)
        }
    }
}
