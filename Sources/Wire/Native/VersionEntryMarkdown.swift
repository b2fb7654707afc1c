public import Domain

/// The entry of a version as a Markdown document (CommonMark with GitHub's tables), for a file beside an audit.
///
/// Every logged text is escaped, so that none of it becomes markup. What is not known is said to be not known.
public enum VersionEntryMarkdown {
    private static let unknown = "*not known*"

    /// - Parameter now: when it is written, which the document says.
    public static func text(_ entry: VersionEntry, now: Timestamp) -> String {
        var lines = ["# \(escaped(entry.id.model)), version \(entry.id.version)", ""]
        lines += ["Written by Martlet \(MartletVersion.text) at \(now.iso8601).", ""]
        lines += table(["", ""], facts(entry))
        lines += section("Data", data(entry))
        lines += section("Hyperparameters", hyperparameters(entry))
        lines += section("Metrics by data set", metrics(entry))
        lines += section("Production", production(entry))
        lines += section("Known limitations", texts(entry.knownLimitations))
        lines += section("Notes", texts(entry.notes))
        lines += section("Approvals", approvals(entry))
        lines += section("Environment", environment(entry))
        lines += section("Not known", gaps(entry))
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: parts

    private static func facts(_ entry: VersionEntry) -> [[String]] {
        [
            ["Id", escaped(entry.id.description)],
            ["Training date", entry.trainedAt.map(\.iso8601) ?? unknown],
            ["Registered", "\(entry.registeredAt.iso8601) by \(escaped(entry.registeredBy))"],
            ["Responsible team", fact(entry.responsibleTeam)], ["Owner", fact(entry.owner)],
            ["Run", entry.runID.map(escaped) ?? unknown],
            ["Feature-engineering code", commit(entry.featureEngineering)], ["Training code", commit(entry.training)],
            ["Production status", escaped(status(entry.status))],
            ["Aliases", entry.aliases.isEmpty ? "none" : entry.aliases.map(escaped).joined(separator: ", ")],
            ["Previous version", entry.previousVersion.map(String.init) ?? "none"],
            ["Replaced as champion", entry.replacedVersion.map(String.init) ?? "none"],
        ]
    }

    private static func data(_ entry: VersionEntry) -> [String] {
        guard !entry.data.isEmpty else { return [unknown] }
        return table(
            ["Data set", "Digest", "Used for", "Version in Martlet"],
            entry.data.map { data in
                [
                    escaped(data.name), escaped(data.digest), data.context.map(escaped) ?? unknown,
                    data.version.map { "\(escaped($0.name)) \($0.number), SHA-256 \($0.digest)" } ?? "none",
                ]
            })
    }

    private static func hyperparameters(_ entry: VersionEntry) -> [String] {
        guard !entry.hyperparameters.isEmpty else { return [unknown] }
        return table(
            ["Name", "Value"],
            entry.hyperparameters.sorted { $0.key < $1.key }.map { [escaped($0.key), escaped($0.value)] })
    }

    private static func metrics(_ entry: VersionEntry) -> [String] {
        guard !entry.evaluations.isEmpty else { return [unknown] }
        return table(
            ["Data set", "Digest", "Metric", "Value", "Logged"],
            entry.evaluations.flatMap { evaluation in
                evaluation.metrics.map { metric in
                    [
                        evaluation.dataset.map(escaped) ?? unknown, evaluation.digest.map(escaped) ?? unknown,
                        escaped(metric.name), "\(metric.value)", metric.loggedAt.iso8601,
                    ]
                }
            })
    }

    private static func production(_ entry: VersionEntry) -> [String] {
        guard !entry.production.isEmpty else { return ["It has never been behind an endpoint."] }
        return table(
            ["From", "To", "As", "Rollout", "What happened"],
            entry.production.map { period in
                [
                    period.from.iso8601, period.to.map(\.iso8601) ?? "now", period.kind.rawValue,
                    String(period.rolloutID), period.detail.map(escaped) ?? "",
                ]
            })
    }

    private static func approvals(_ entry: VersionEntry) -> [String] {
        guard !entry.approvals.isEmpty else { return [unknown] }
        return table(
            ["Request", "State", "Asked by", "Decisions"],
            entry.approvals.map { approval in
                [
                    String(approval.id), approval.state.rawValue,
                    "\(escaped(approval.requestedByName)), \(approval.requestedAt.iso8601)",
                    approval.decisions.map { decision in
                        "\(escaped(decision.principalName)) \(decision.approves ? "approved" : "rejected") "
                            + "\(decision.time.iso8601): \(escaped(decision.reason))"
                    }.joined(separator: "; "),
                ]
            })
    }

    private static func environment(_ entry: VersionEntry) -> [String] {
        guard !entry.environment.isEmpty else { return [unknown] }
        return table(["File", "SHA-256"], entry.environment.map { [escaped($0.path), $0.digest] })
    }

    private static func gaps(_ entry: VersionEntry) -> [String] {
        guard !entry.gaps.isEmpty else { return ["Nothing is missing."] }
        return table(
            ["Of the entry", "Why", "What would fill it"],
            entry.gaps.map { [escaped($0.field), escaped($0.reason), escaped($0.remedy)] })
    }

    private static func texts(_ facts: [VersionEntry.Fact]) -> [String] {
        facts.isEmpty ? [unknown] : facts.map { "- \(fact($0))" }
    }

    private static func fact(_ fact: VersionEntry.Fact?) -> String {
        fact.map { "\(escaped($0.value)) (\(escaped($0.source)))" } ?? unknown
    }

    private static func commit(_ commit: VersionEntry.Commit?) -> String {
        guard let commit else { return unknown }
        let place = [commit.repository, commit.branch].compactMap { $0 }.joined(separator: ", ")
        return escaped(commit.commit) + (place.isEmpty ? "" : " of \(escaped(place))") + " (\(escaped(commit.source)))"
    }

    private static func status(_ status: VersionEntry.ProductionStatus) -> String {
        status.rawValue.replacing("_", with: " ")
    }

    // MARK: Markdown

    private static func section(_ title: String, _ body: [String]) -> [String] {
        ["", "## \(title)", ""] + body
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        let lines = [head, head.map { _ in "---" }] + rows
        return lines.map { "| " + $0.joined(separator: " | ") + " |" }
    }

    /// CommonMark lets every ASCII punctuation character be escaped with a backslash; line breaks would end a table's row.
    static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "`", "*", "_", "{", "}", "[", "]", "<", ">", "#", "|", "!", "~", "&", "$":
                output += "\\"
                output.unicodeScalars.append(scalar)
            case "\u{0}"..<"\u{20}", "\u{7f}", "\u{85}", "\u{2028}", "\u{2029}": output += " "
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
