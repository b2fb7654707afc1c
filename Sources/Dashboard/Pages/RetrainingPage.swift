public import Domain

/// Runs of retraining commands, newest first.
public struct RetrainingPage: Page {
    public var runs: [RetrainingRun]
    public var paging: Paging<Int64>
    public init(runs: [RetrainingRun], paging: Paging<Int64> = Paging()) {
        self.runs = runs
        self.paging = paging
    }

    public var title: String { "Retraining" }
    public var section: Section? { .retraining }
    public var refreshSeconds: Int? { 10 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(title: title, lead: "Models trained anew, by an alert, a schedule or a person.").html,
            Card(id: "runs", title: "Runs", isLive: true).html {
                if runs.isEmpty {
                    EmptyState(
                        text:
                            "Nothing was retrained yet. A policy names the command under `retraining:`; an alert, its "
                            + "schedule or you start it:",
                        commands: ["martlet retrain start MODEL --reason '…'"]
                    ).html
                } else {
                    table(now: now)
                    paging.html(label: "Pages of runs", first: .retraining) { .retraining(before: $0) }
                }
            },
        ])
    }

    private func table(now: Timestamp) -> HTML {
        DataTable(
            caption: "Retraining runs, newest first",
            columns: [
                .init("Run"), .init("Model"), .init("State"), .init("Started by"), .init("Started"),
                .init("New versions"),
                .init("Reason", .wide),
            ],
            rows: runs.map { run in
                [
                    a(.href(.retraining(run.id)), text: "run\u{a0}\(run.id)"), Reference.model(run.model),
                    Badge(run.state).html,
                    .group([.text(run.trigger.rawValue + ", "), bdi(text: run.startedBy)]),
                    TimeText.ago(run.startedAt, now: now), RetrainingRunPage.versions(run), bdi(text: run.reason),
                ]
            }
        ).html
    }
}
