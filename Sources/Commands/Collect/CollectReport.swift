internal import Domain

/// Gathers the lines of a collection.
struct CollectReport {
    /// Rows kept of what went; the summary counts all.
    static let itemsMax = 100_000

    private(set) var items: [JSONValue] = []
    private(set) var summary: JSONValue?
    private var phase = "nothing yet"
    private var total = 0
    private var done = 0
    private(set) var hasHeld = false

    mutating func add(_ line: JSONValue) throws {
        if let message = line["error"]?.stringValue { throw MartletError(.unavailable, message) }
        if let phase = line["phase"]?.stringValue {
            self.phase = phase.replacing("_", with: " ")
            total = Int(line["total"]?.intValue ?? 0)
            done = 0
        }
        if let item = line["item"] {
            done += 1
            if item["outcome"] == "held" { hasHeld = true }
            if items.count < Self.itemsMax { items.append(item) }
        }
        if let summary = line["summary"] { self.summary = summary }
    }

    /// Blobs have no total: they are found folder by folder.
    var fraction: Double? { phase == "blob" || total == 0 ? nil : Double(done) / Double(total) }

    var progress: String { phase == "blob" ? "\(done) files" : "\(done)/\(total) \(phase)s" }

    func sentence(isDryRun: Bool) -> String {
        func count(_ key: String) -> Int64 { summary?[key]?.intValue ?? 0 }
        let freed = ProgressBar.bytes(count("freed_bytes"))
        let what =
            "\(count("experiments")) experiments, \(count("runs")) runs, \(count("logged_models")) logged models with \(count("files")) artifacts and \(count("metric_points")) metric points; \(count("blobs")) stored files, \(freed)."
        let held = count("held") > 0 ? " \(count("held")) are held, and say why." : ""
        return (isDryRun ? "Would delete for good: " : "Deleted for good: ") + what + held
    }

    static let columns: [Column] = [
        Column("KIND", "kind"), Column("ID", "id"), Column("NAME", "name"), .time("DELETED", "deleted_at"),
        .number("FILES", "files"), .number("BYTES", "bytes"), Column("OUTCOME", "outcome"), Column("WHY", "reason"),
    ]
}
