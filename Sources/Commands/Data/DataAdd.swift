internal import ArgumentParser
internal import Domain
internal import Foundation

/// `martlet data add NAME FILE|FOLDER`.
struct DataAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Keep a file or a folder as a version of a data set.",
        discussion: """
            CSV (with a header) and JSON lines; Parquet where the server runs guests. The version is the content: the same files give
            the same version again, whatever they are called or where they lie. Schema and profile are read while the files stream in.
            A run names the version by its digest; the command prints how.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl, parquet }

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The data set's name.") var name: String
    @Argument(help: "A file or a folder on this machine.") var path: String
    @Option(help: "What the files hold: csv, jsonl or parquet (default: by their names).")
    var format: Format?
    @Option(help: "Where the data come from, kept with the version (default: the path).") var source: String?

    func run() async throws {
        guard !path.hasPrefix("s3://") else {
            throw MartletError(
                .unimplemented, "Reading data from s3:// is not there yet. Copy the files here and add those.")
        }
        try DatasetLimits.checkName(name)
        var local = try LocalDataset(
            path: path, format: format.flatMap { DatasetVersion.Format(rawValue: $0.rawValue) })
        let total = local.bytes
        var bar = ProgressBar()
        var read: Int64 = 0
        try local.hash { bytes in
            read += bytes
            bar.show(total > 0 ? Double(read) / Double(total) : nil, "reading \(ProgressBar.bytes(read))")
        }
        bar.finish("read \(ProgressBar.bytes(read))")
        let (answer, isNew) = try await client.withClient { try await add(local, $0) }
        try output.show(answer, text: Self.text(answer, isNew: isNew))
    }

    /// Asks first whether the content is there: then nothing is sent.
    private func add(_ local: LocalDataset, _ client: APIClient) async throws -> (JSONValue, Bool) {
        do {
            return (try await client.get(["datasets", name, "versions", local.digest]), false)
        } catch let error as MartletError where error.code == .notFound {
            try await upload(local, client)
        }
        let answer = try await client.post(
            ["datasets", name, "versions"],
            [
                "source": .string(source ?? Self.absolute(path)),
                "files": .array(
                    local.files.map {
                        [
                            "path": .string($0.path), "digest": .string($0.digest),
                            "format": .string($0.format.rawValue),
                        ]
                    }),
            ])
        return (answer, answer["is_new"]?.boolValue ?? false)
    }

    private func upload(_ local: LocalDataset, _ client: APIClient) async throws {
        let total = local.bytes
        let progress = SentBytes()
        for file in local.files {
            let taken = try await client.upload(
                file: file.url, bytes: file.bytes, ["datasets", name, "files"],
                query: [("path", file.path), ("format", file.format.rawValue)],
                progress: { progress.add($0, of: total) })
            guard taken["digest"]?.stringValue == file.digest else {
                throw MartletError.precondition("\(file.url.path) changed while it was sent. Add it again.")
            }
        }
        progress.finish()
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    private static func text(_ answer: JSONValue, isNew: Bool) -> String {
        let id = answer["version"]?["id"]
        let head = Table.fields(
            answer,
            [
                Column("Data set", "version.id.name"), Column("Version", "version.id.number"),
                Column("Digest", "version.id.digest"), Column("Rows", "version.rows"),
                Column("Columns") { String($0["version"]?["columns"]?.arrayValue?.count ?? 0) },
            ])
        let name = Column.plain(id?["name"])
        let digest = Column.plain(answer["run_digest"])
        return """
            \(isNew ? "Added." : "This content was there already; nothing was added.")
            \(head)

            In a run of the MLflow client, it is named by:
              mlflow.log_input(mlflow.data.from_pandas(frame, name="\(name)", digest="\(digest)"), context="training")
            """
    }
}
