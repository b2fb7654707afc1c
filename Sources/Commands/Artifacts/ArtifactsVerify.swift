internal import ArgumentParser
internal import Domain

/// `martlet artifacts verify`.
struct ArtifactsVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read every artifact again and compare its digest.",
        discussion: """
            Names what is damaged or missing, with the artifact paths and versions that need it, and exits with 2 if there is any.
            The server works in steps of a few seconds and serves on meanwhile.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (total, findings) = try await client.withClient { client in
            var total = Total()
            var findings: [JSONValue] = []
            var after: String?
            var bar = ProgressBar()
            repeat {
                let answer = try await client.get(["artifacts", "verify"], query: [("after", after)])
                total.blobs += answer["page"]?["blobs"]?.intValue ?? 0
                total.bytes += answer["page"]?["bytes"]?.intValue ?? 0
                findings += answer["page"]?["findings"]?.arrayValue ?? []
                after = answer["page"]?["next"]?.stringValue
                let all = answer["total"]?.intValue ?? total.blobs
                bar.show(
                    all > 0 ? Double(total.blobs) / Double(all) : nil,
                    "verified \(total.blobs) of \(all) blobs, \(ProgressBar.bytes(total.bytes))")
            } while after != nil
            bar.finish("verified \(total.blobs) blobs, \(ProgressBar.bytes(total.bytes))")
            return (total, findings)
        }
        let value: JSONValue = [
            "blobs": .int(total.blobs), "bytes": .int(total.bytes), "findings": .array(findings),
        ]
        let columns = [
            Column("PROBLEM", "problem"), Column("DIGEST", "digest"), Column("NAMED BY", "names"),
            Column("REASON", "reason"),
        ]
        let table = findings.isEmpty ? "" : "\n\n" + Table(findings, columns: columns).text
        try output.show(
            value,
            text:
                "\(total.blobs) blobs, \(total.bytes) bytes: \(findings.isEmpty ? "every digest is right." : "\(findings.count) are not as they were stored.")\(table)"
        )
        if !findings.isEmpty { throw CommandExit.answeredNo }
    }

    private struct Total {
        var blobs: Int64 = 0
        var bytes: Int64 = 0
    }
}
