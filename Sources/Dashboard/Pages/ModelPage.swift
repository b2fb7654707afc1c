public import Domain

/// One registered model: its versions, the policy that governs it, approvals.
public struct ModelPage: Page {
    /// One version in the list.
    public struct Version: Sendable, Hashable {
        public var record: VersionRecord
        public var preparation: VersionPreparation.State?
        public var readiness: ModelsPage.Row.Readiness
        public init(
            record: VersionRecord, preparation: VersionPreparation.State?, readiness: ModelsPage.Row.Readiness
        ) {
            self.record = record
            self.preparation = preparation
            self.readiness = readiness
        }
    }

    public var name: String
    /// As registered; the policy's purpose says more where there is one.
    public var description: String?
    /// Newest first.
    public var versions: [Version]
    /// The one in force; nil where there is none.
    public var policy: PolicyVersion?
    /// The newest versions, newest first; among them those that wait for approval.
    public var policyHistory: [PolicyVersion]
    public var approvals: [Approval]
    public var endpoint: Endpoint?
    public var paging: Paging<Int>

    public init(
        name: String, description: String?, versions: [Version], policy: PolicyVersion?,
        policyHistory: [PolicyVersion], approvals: [Approval], endpoint: Endpoint?, paging: Paging<Int> = Paging()
    ) {
        self.name = name
        self.description = description
        self.paging = paging
        self.versions = versions
        self.policy = policy
        self.policyHistory = policyHistory
        self.approvals = approvals
        self.endpoint = endpoint
    }

    public var title: String { name }
    public var section: Section? { .models }
    public var refreshSeconds: Int? { 10 }

    public func content(now: Timestamp) -> HTML {
        .group([
            Heading(
                title: name, trail: [("Models", .models)],
                lead: (policy?.policy.purpose ?? description).map { bdi(text: $0) } ?? .empty,
                badges: endpoint == nil ? [] : [Badge(text: "has an endpoint", tone: .neutral, icon: .branch)]
            ).html,
            endpoint.map { endpoint in
                p { a(.href(.endpoint(endpoint.name)), text: "Endpoint: traffic, drift and quality") }
            } ?? .empty,
            p { a(.href(.history(name)), text: "History: aliases, stages, tags and who changed them") },
            versionsCard(now: now), policyCard(now: now), approvalsCard(now: now),
        ])
    }

    private func versionsCard(now: Timestamp) -> HTML {
        Card(id: "versions", title: "Versions", isLive: true).html {
            if versions.isEmpty, paging.isFirst {
                EmptyState(
                    text: "The model is registered, but has no version.",
                    commands: ["python -c \"import mlflow; mlflow.register_model('runs:/RUN_ID/model', '\(name)')\""]
                ).html
            } else {
                DataTable(
                    caption: "Versions of \(name), newest first",
                    columns: [
                        .init("Version"), .init("Aliases"), .init("Readiness"), .init("Serving"), .init("Author"),
                        .init("Registered"), .init("Description", .wide),
                    ],
                    rows: versions.map { row($0, now: now) }
                ).html
                paging.html(label: "Pages of versions", first: .model(name)) { .model(name, before: $0) }
            }
        }
    }

    private func row(_ version: Version, now: Timestamp) -> [HTML] {
        let record = version.record
        return [
            Reference.version(name, record.id.version),
            record.aliases.isEmpty
                ? span(.class("muted"), text: NumberText.none)
                : .group(record.aliases.sorted().map { alias in span(.class("tag")) { bdi(text: alias) } }),
            ModelsPage.readiness(version.readiness),
            version.preparation.map { Badge($0).html } ?? span(.class("muted"), text: "not prepared"),
            bdi(text: record.createdByName), TimeText.ago(record.createdAt, now: now),
            bdi(text: record.description ?? NumberText.none),
        ]
    }

    private func policyCard(now: Timestamp) -> HTML {
        Card(id: "policy", title: "Policy").html {
            if let policy {
                PolicySummary(version: policy).html(now: now)
            } else {
                EmptyState(
                    text: "No policy governs this model, so no version of it can be approved or rolled out. "
                        + "Write down what success means before the pilot begins:",
                    commands: [
                        "martlet policy schema > martlet.schema.json", "martlet policy check martlet.yaml",
                        "martlet policy apply martlet.yaml",
                    ]
                ).html
            }
            for pending in policyHistory where pending.state == .pendingApproval {
                div(.class("notice warning")) {
                    Badge(pending.state).html
                    " Version \(pending.version) by "
                    bdi(text: pending.authorName)
                    " loosens:"
                    ul { for sentence in pending.loosens { li { bdi(text: sentence) } } }
                }
            }
            policyVersions(now: now)
        }
    }

    /// Who changed the rules, when, and what they loosened.
    @HTMLBuilder private func policyVersions(now: Timestamp) -> HTML {
        if policyHistory.count > 1 {
            details {
                summary(text: "Versions of the policy (\(policyHistory.count))")
                DataTable(
                    caption: "Versions of the policy of \(name), newest first",
                    columns: [
                        .init("Version", .number), .init("State"), .init("Applied by"), .init("Applied"),
                        .init("Loosens", .wide),
                    ],
                    rows: policyHistory.map { version in
                        [
                            .text(String(version.version)), Badge(version.state).html, bdi(text: version.authorName),
                            TimeText.ago(version.appliedAt, now: now),
                            bdi(
                                text: version.loosens.isEmpty
                                    ? "nothing" : version.loosens.joined(separator: "; ")),
                        ]
                    }
                ).html
            }
        }
    }

    private func approvalsCard(now: Timestamp) -> HTML {
        Card(id: "approvals", title: "Approvals", isLive: true).html {
            if approvals.isEmpty {
                EmptyState(
                    text: "Nobody has asked for an approval.",
                    commands: [
                        "martlet approval request \(ShellWord.quoted(name)) \(versions.first?.record.id.version ?? 1)"
                    ]
                ).html
            } else {
                ApprovalList.html(approvals, now: now)
            }
        }
    }
}
