internal import ArgumentParser
internal import Domain
internal import NIOCore
internal import NIOHTTP1

/// `martlet collect`
struct Collect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Delete for good what was deleted a while ago, and files that nothing refers to.",
        discussion: """
            Takes soft-deleted experiments, runs and logged models with all that was logged to them, and stored files without a
            reference; names of experiments are free again then. What a registered version, its evidence or the audit chain refers
            to stays, and is listed as held. With --dry-run nothing changes and everything that would go is listed. It runs beside
            serving and logging, can be stopped at any time, and goes on with the next call.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "List what would go, and change nothing.") var dryRun = false
    @Option(help: "Only what was deleted at least this long ago: 30d, 12h, 45m or 0s.") var olderThan = "30d"
    @Option(help: "Only this deleted experiment and all in it; may be repeated.") var experiment: [String] = []
    @Option(help: "Only this deleted run; may be repeated.") var run: [String] = []
    @Option(help: "Only this deleted logged model; may be repeated.") var loggedModel: [String] = []
    @Flag(help: "Leave stored files alone; needed where they are in S3.") var keepFiles = false
    @Option(help: "How old a file without a reference must be: 1h unless told otherwise, at least 1m.")
    var fileGrace = "1h"

    func validate() throws {
        for (name, text) in [("older-than", olderThan), ("file-grace", fileGrace)] where Self.seconds(text) == nil {
            throw ValidationError("--\(name) is a number and s, m, h or d, for example 30d.")
        }
    }

    private func body() -> JSONValue {
        [
            "dry_run": .bool(dryRun), "older_than_days": .double((Self.seconds(olderThan) ?? 0) / 86_400),
            "blob_grace_seconds": .double(Self.seconds(fileGrace) ?? 0), "blobs": .bool(!keepFiles),
            "experiments": .array(experiment.map { .string($0) }), "runs": .array(run.map { .string($0) }),
            "logged_models": .array(loggedModel.map { .string($0) }),
        ]
    }

    func run() async throws {
        var report = CollectReport()
        var bar = ProgressBar()
        var splitter = LineSplitter()
        // It works as long as there is something to do.
        var patient = client
        patient.timeout = 86_400
        _ = try await patient.withClient { client in
            try await client.download(.POST, ["collections"], body: body()) { piece in
                for line in try splitter.append(piece) {
                    try report.add(line)
                    bar.show(report.fraction, report.progress)
                }
            }
        }
        guard let summary = report.summary else {
            throw MartletError(
                .unavailable, "The server broke the collection off. Run it again: it goes on where it was.")
        }
        bar.finish(report.progress)
        if output.output == .json {
            return print(try OutputOptions.json(["items": .array(report.items), "summary": summary]))
        }
        if dryRun || report.hasHeld { print(Table(report.items, columns: CollectReport.columns).text) }
        print(report.sentence(isDryRun: dryRun))
    }

    /// nil for what is no length of time.
    static func seconds(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let last = text.last, let unit = units[last], let number = Double(text.dropLast()), number >= 0,
            number.isFinite
        else { return nil }
        return number * unit
    }
}
