internal import Domain
internal import Foundation

/// Counts what an import has done, and shows it.
actor ImportProgress {
    private var bar = ProgressBar()
    private let start = ContinuousClock.now
    private(set) var runsTotal = 0
    private(set) var runs = 0
    private(set) var skippedRuns = 0
    private(set) var points = 0
    private(set) var files = 0
    private(set) var skippedFiles = 0
    private(set) var bytes: Int64 = 0
    private(set) var loggedModels = 0
    private(set) var models = 0
    private(set) var versions = 0
    private(set) var experiments = 0
    /// What was not taken over, or not whole, one sentence each.
    private(set) var notes: [String] = []
    private(set) var refusals = 0
    /// SHA-256 of what passed through, by server path: need not be read again to be compared.
    private(set) var digests: [String: String] = [:]
    private var phase = "reading"

    func begin(_ phase: String) {
        self.phase = phase
        show()
    }
    func found(experiments: Int) { self.experiments = experiments }
    func found(runs: Int) {
        runsTotal += runs
        show()
    }
    func took(run isSkipped: Bool) {
        runs += 1
        if isSkipped { skippedRuns += 1 }
        show()
    }
    func took(points count: Int) {
        points += count
        show()
    }
    func took(file path: String, bytes count: Int64, digest: String) {
        files += 1
        bytes += count
        digests[path] = digest
        show()
    }
    func hasFile() { skippedFiles += 1 }
    func tookLoggedModel() { loggedModels += 1 }
    func took(models: Int, versions: Int) {
        self.models += models
        self.versions += versions
        show()
    }
    func checked(_ what: String) {
        phase = what
        show()
    }

    func note(_ outcomes: [JSONValue]) {
        for outcome in outcomes {
            let isRefused = outcome["result"] == "refused"
            if isRefused { refusals += 1 }
            guard let reason = outcome["reason"]?.stringValue else { continue }
            notes.append("\(Column.plain(outcome["id"])): \(reason)")
        }
    }

    func note(_ sentence: String) { notes.append(sentence) }

    func digest(_ path: String) -> String? { digests[path] }

    private func show() {
        let fraction = runsTotal == 0 ? nil : Double(runs) / Double(runsTotal)
        bar.show(fraction, line)
    }

    private var line: String {
        let elapsed = ContinuousClock.now - start
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = seconds > 0 ? Int64(Double(bytes) / seconds) : 0
        return
            "\(phase): \(runs)/\(runsTotal) runs, \(points) points, \(files) files, \(ProgressBar.bytes(bytes)), \(ProgressBar.bytes(rate))/s"
    }

    var summary: JSONValue {
        [
            "experiments": .int(Int64(experiments)), "runs": .int(Int64(runs)),
            "runs_already_here": .int(Int64(skippedRuns)), "metric_points": .int(Int64(points)),
            "files": .int(Int64(files)), "files_already_here": .int(Int64(skippedFiles)), "bytes": .int(bytes),
            "logged_models": .int(Int64(loggedModels)), "registered_models": .int(Int64(models)),
            "versions": .int(Int64(versions)), "refused": .int(Int64(refusals)),
        ]
    }

    var sentence: String {
        "Imported \(experiments) experiments, \(runs) runs (\(skippedRuns) were here already), \(points) metric points, \(files) files of \(ProgressBar.bytes(bytes)) (\(skippedFiles) were here already), \(loggedModels) logged models, \(models) registered models with \(versions) versions."
    }

    func finish() { bar.finish(line) }
}
