import Domain

/// The trace of one prediction, from the answer back to code and data.
struct TraceCards {
    var trace: PredictionTrace

    func html(now: Timestamp) -> HTML {
        .group([
            Card(id: "trace", title: "Trace").html { origin(now: now) },
            trace.version.map { version in
                Card(id: "origin", title: "Model version and its origin").html {
                    RunFacts(record: version, run: trace.run).html(now: now)
                    h3(text: "Files")
                    DataTable(
                        caption: "Files of the version", columns: [.init("Path", .wide), .init("Digest")],
                        rows: version.files.prefix(VersionPage.filesMax).map { file in
                            [code { bdi(text: file.path) }, Reference.digest(file.digest)]
                        }
                    ).html
                    if version.files.count > VersionPage.filesMax {
                        p(.class("muted"), text: "The first \(VersionPage.filesMax) are shown.")
                    }
                }
            } ?? .empty,
            Card(id: "approvals", title: "Approvals").html {
                if let approvals = trace.approvals, !approvals.isEmpty {
                    ApprovalList.html(Array(approvals.prefix(Self.approvalsMax)), now: now)
                } else {
                    p(.class("muted"), text: "None is recorded for this version.")
                }
            },
            recorded, feedback, missing,
        ])
    }

    /// Newest that are shown.
    private static let approvalsMax = 20
    /// Rows of feedback that are shown; a batch may have thousands.
    private static let feedbackMax = 100

    /// What could not be found is said, never left out.
    private var missing: HTML {
        guard !trace.missing.isEmpty else { return .empty }
        return Card(id: "missing", title: "Not known").html {
            ul(.class("plain")) { for sentence in trace.missing { li { bdi(text: sentence) } } }
        }
    }

    private func origin(now: Timestamp) -> HTML {
        let origin = trace.origin
        var facts = Facts()
        facts.add(
            "Answered", .group([TimeText.exact(origin.time), .text(" UTC, "), TimeText.ago(origin.time, now: now)]))
        if let endpoint = trace.endpoint {
            facts.add("Endpoint", Reference.endpoint(endpoint))
            facts.add("Version", Reference.version(endpoint, origin.version))
        } else {
            facts.add("Version", text: "v\(origin.version) of a model that is not known")
        }
        facts.add("Policy", text: origin.policyVersion == 0 ? "none governed" : "version \(origin.policyVersion)")
        if origin.rolloutID != 0 {
            facts.add(
                "Rollout",
                .group([
                    Reference.rollout(origin.rolloutID),
                    .text(", step \(origin.rolloutStep + 1)\(stepName)"),
                ]))
        } else {
            facts.add("Rollout", text: "none was in progress")
        }
        facts.add("Runtime", text: trace.runtime)
        return facts.html
    }

    private var stepName: String {
        guard let steps = trace.rollout?.plan.steps, steps.indices.contains(trace.origin.rolloutStep) else { return "" }
        return " (\(RolloutSteps.name(steps[trace.origin.rolloutStep])))"
    }

    private var recorded: HTML {
        Card(id: "recorded", title: "Input and output").html {
            if let input = trace.input, let output = trace.output {
                h3(text: "Input")
                pre(.class("document"), Attribute("tabindex", "0")) { code(text: JSONText.indented(input)) }
                h3(text: "Output")
                pre(.class("document"), Attribute("tabindex", "0")) { code(text: JSONText.indented(output)) }
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
                    rows: trace.feedback.prefix(Self.feedbackMax).map { item in
                        [
                            .text(String(item.row)), bdi(text: item.label ?? NumberText.none),
                            bdi(text: item.override ?? NumberText.none),
                            bdi(
                                text: item.kpis.isEmpty
                                    ? NumberText.none
                                    : item.kpis.sorted { $0.key < $1.key }
                                        .map { "\($0.key) \(NumberText.significant($0.value))" }.joined(separator: ", ")
                            ),
                            TimeText.exact(item.time), bdi(text: item.principal),
                        ]
                    }
                ).html
                if trace.feedback.count > Self.feedbackMax {
                    p(.class("muted"), text: "The first \(Self.feedbackMax) are shown.")
                }
            }
        }
    }
}
