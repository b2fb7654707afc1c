/// The run or logged model in whose folder an artifact lies.
struct ArtifactOwner: Equatable {
    var runID: String?
    var loggedModelID: String?

    /// Folders are named after their owners: `<experiment>/<run>/artifacts/…`, `<experiment>/models/<model>/artifacts/…`.
    static func find(_ sql: SQLConnection, path: String) throws -> ArtifactOwner {
        var owner = ArtifactOwner()
        for segment in Set(path.split(separator: "/").map(String.init)) {
            if segment.hasPrefix("m-") {
                let row = try sql.row(
                    "SELECT artifact_uri, source_run_id FROM logged_models WHERE model_id = $1 AND deleted = 0",
                    [.text(segment)])
                guard let row, try isInside(path, uri: row.text("artifact_uri")) else { continue }
                let run = try row.text("source_run_id")
                return ArtifactOwner(runID: run.isEmpty ? nil : run, loggedModelID: segment)
            }
            let row = try sql.row("SELECT artifact_uri FROM runs WHERE run_id = $1", [.text(segment)])
            if let row, try isInside(path, uri: row.text("artifact_uri")) { owner.runID = segment }
        }
        return owner
    }

    private static func isInside(_ path: String, uri: String) -> Bool {
        guard let root = ArtifactPath.path(uri: uri) else { return false }
        return path == root || path.hasPrefix(root + "/")
    }
}
