internal import Domain

/// Counts what an export has done, shows it, and gathers what could not be kept.
actor ExportProgress {
    /// Sentences kept; more of them only repeat.
    static let notesMax = 1_000

    private var bar = ProgressBar()
    private(set) var notes: [String] = []
    private var counts: [String: Int64] = [:]

    func took(_ what: String, _ count: Int64 = 1) {
        counts[what, default: 0] += count
        bar.show(nil, sentence)
    }

    func leftOut(_ sentence: String) {
        if notes.count < Self.notesMax { notes.append(sentence) }
    }

    var summary: JSONValue { .object(counts.mapValues { .int($0) }) }

    var sentence: String {
        func count(_ what: String) -> Int64 { counts[what] ?? 0 }
        return
            "Exported \(count("experiments")) experiments, \(count("runs")) runs (\(count("runs_already_there")) were there already), \(count("metric_points")) metric points, \(count("files")) files of \(ProgressBar.bytes(count("bytes"))), \(count("logged_models")) logged models, \(count("registered_models")) registered models with \(count("versions")) versions."
    }

    func finish() { bar.finish("done") }
}
