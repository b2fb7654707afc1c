public import Domain

/// One retraining run with the end of its output.
public struct RetrainingRunPage: Page {
    public var run: RetrainingRun
    public init(run: RetrainingRun) { self.run = run }

    public var title: String { "Retraining run \(run.id) of \(run.model)" }
    public var section: Section? { .retraining }
    public var refreshSeconds: Int? { run.state == .running ? 5 : nil }

    public func content(now: Timestamp) -> HTML {
        var facts = Facts()
        facts.add("Started", .group([TimeText.ago(run.startedAt, now: now), .text(" by "), bdi(text: run.startedBy)]))
        facts.add("Trigger", text: run.trigger.rawValue)
        facts.add("Reason", text: run.reason)
        if let ended = run.endedAt {
            facts.add("Took", text: NumberText.duration(seconds: ended.seconds(since: run.startedAt)))
        }
        facts.add("Exit code", text: run.exitCode.map(String.init))
        if let rows = run.datasetRows {
            facts.add(
                "Data set", text: "\(NumberText.counted(rows, "labelled row")), SHA-256 \(run.datasetDigest ?? "-")")
        }
        facts.add("New versions", Self.versions(run))
        return .group([
            Heading(
                title: title, trail: [("Retraining", .retraining), (run.model, .model(run.model))],
                badges: [Badge(run.state)]
            ).html,
            Card(id: "run", title: "Run", isLive: true).html { facts.html },
            Card(id: "log", title: "End of its output", isLive: true).html {
                if run.logTail.isEmpty {
                    p(.class("muted"), text: "It wrote nothing.")
                } else {
                    pre(.class("document"), Attribute("tabindex", "0")) { code(text: run.logTail) }
                }
            },
        ])
    }

    static func versions(_ run: RetrainingRun) -> HTML {
        guard !run.versions.isEmpty else { return span(.class("muted"), text: "none") }
        return .group(run.versions.map { version in .group([Reference.version(run.model, version), .text(" ")]) })
    }
}
