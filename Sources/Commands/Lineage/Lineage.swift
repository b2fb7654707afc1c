internal import ArgumentParser
internal import Domain

/// `martlet lineage REFERENCE`.
struct Lineage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage", abstract: "Tell what a thing comes from, and what came of it.",
        discussion: """
            A thing is dataset:NAME@VERSION (a number, or a digest), run:ID, model:NAME/VERSION, endpoint:NAME or prediction:ID. Data sets go
            into runs, runs make model versions, these stand behind endpoints, and endpoints answer predictions.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "dataset:NAME@VERSION, run:ID, model:NAME/VERSION, endpoint:NAME or prediction:ID.")
    var reference: String
    @Flag(help: "Only what it comes from.") var upstream = false
    @Flag(help: "Only what came of it.") var downstream = false
    @Option(help: "Steps to follow, 1 to 20 (default: 10).") var depth: Int?

    func validate() throws {
        if upstream, downstream { throw ValidationError("Give --upstream or --downstream; without, it is both.") }
        do { _ = try LineageReference(reference) } catch { throw ValidationError(error.message) }
    }

    func run() async throws {
        let direction: LineageGraph.Direction = upstream ? .upstream : downstream ? .downstream : .both
        let value = try await client.withClient {
            try await $0.get(
                ["lineage"],
                query: [
                    ("of", reference), ("direction", direction.rawValue), ("depth", depth.map(String.init)),
                ])
        }
        try output.show(value, text: Self.text(value))
    }

    private static func text(_ value: JSONValue) -> String {
        let nodes = value["nodes"]?.arrayValue ?? []
        let edges = value["edges"]?.arrayValue ?? []
        var lines = [
            Table(
                nodes,
                columns: [
                    Column("KIND", "kind"), Column("WHAT", "label"), Column("REFERENCE", "id"),
                    Column("FACTS") { row in
                        let facts = row["facts"]?.objectValue ?? [:]
                        return facts.sorted { $0.key < $1.key }.map { "\($0.key) \(Column.plain($0.value))" }
                            .joined(separator: ", ")
                    },
                ]
            ).text
        ]
        if !edges.isEmpty {
            lines.append("")
            lines.append(
                Table(
                    edges, columns: [Column("FROM", "from"), Column("HOW", "label"), Column("TO", "to")]
                ).text)
        }
        for sentence in value["cut"]?.arrayValue ?? [] { lines.append("\nNot all: \(Column.plain(sentence))") }
        return lines.joined(separator: "\n")
    }
}
