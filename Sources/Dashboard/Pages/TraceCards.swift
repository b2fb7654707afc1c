import Domain

/// The trace of one prediction, from the answer back to code and data.
struct TraceCards {
    var trace: PredictionPage.Trace

    func html(now: Timestamp) -> HTML {
        .group([
            Card(id: "trace", title: "Trace").html { origin(now: now) },
            trace.version.map { version in
                Card(id: "origin", title: "Model version and its origin").html {
                    RunFacts(record: version, run: trace.run).html(now: now)
                    h3(text: "Files")
                    DataTable(
                        caption: "Files of the version", columns: [.init("Path", .wide), .init("Digest")],
                        rows: version.files.map { file in
                            [code { bdi(text: file.path) }, Reference.digest(file.digest)]
                        }
                    ).html
                }
            } ?? .empty,
            Card(id: "approvals", title: "Approvals").html {
                if trace.approvals.isEmpty {
                    p(.class("muted"), text: "None is recorded for this version.")
                } else {
                    ApprovalList.html(trace.approvals, now: now)
                }
            },
            recorded, feedback,
        ])
    }

    private func origin(now: Timestamp) -> HTML {
        let origin = trace.origin
        var facts = Facts()
        facts.add(
            "Answered", .group([TimeText.exact(origin.time), .text(" UTC, "), TimeText.ago(origin.time, now: now)]))
        facts.add("Endpoint", Reference.endpoint(trace.endpoint))
        facts.add("Version", Reference.version(trace.endpoint, origin.version))
        facts.add("Policy", text: origin.policyVersion == 0 ? "none governed" : "version \(origin.policyVersion)")
        if origin.rolloutID != 0 {
            facts.add(
                "Rollout",
                .group([
                    Reference.rollout(origin.rolloutID),
                    .text(", step \(origin.rolloutStep + 1)" + (trace.rolloutStep.map { " (\($0))" } ?? "")),
                ]))
        } else {
            facts.add("Rollout", text: "none was in progress")
        }
        facts.add("Runtime", text: trace.runtime)
        return facts.html
    }

    private var recorded: HTML {
        Card(id: "recorded", title: "Input and output").html {
            if let input = trace.input, let output = trace.output {
                h3(text: "Input")
                pre(.class("document"), Attribute("tabindex", "0")) { code(text: input) }
                h3(text: "Output")
                pre(.class("document"), Attribute("tabindex", "0")) { code(text: output) }
            } else {
                p(
                    .class("muted"),
                    text:
                        "Not recorded: the policy kept a sample or nothing, or its time is over. The id alone tells the rest."
                )
            }
        }
    }

    private var feedback: HTML {
        Card(id: "feedback", title: "Feedback").html {
            if trace.feedback.isEmpty {
                p(.class("muted"), text: "Nothing was learned about it later.")
            } else {
                DataTable(
                    caption: "Feedback on the prediction",
                    columns: [
                        .init("Row", .number), .init("Label"), .init("Override"), .init("KPIs"), .init("Time (UTC)"),
                        .init("Sent by"),
                    ],
                    rows: trace.feedback.map { item in
                        [
                            .text(String(item.row)), bdi(text: item.label ?? NumberText.none),
                            bdi(text: item.override ?? NumberText.none),
                            bdi(
                                text: item.kpis.sorted { $0.key < $1.key }
                                    .map { "\($0.key) \(NumberText.significant($0.value))" }.joined(separator: ", ")),
                            TimeText.exact(item.time), bdi(text: item.principal),
                        ]
                    }
                ).html
            }
        }
    }
}
