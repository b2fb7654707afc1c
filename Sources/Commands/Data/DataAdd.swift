internal import ArgumentParser
internal import Domain
internal import Foundation
internal import NIOCore
internal import Storage

/// `martlet data add NAME FILE|FOLDER|s3://BUCKET/KEY`.
struct DataAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Keep a file or a folder as a version of a data set.",
        discussion: """
            CSV (with a header) and JSON lines; Parquet where the server runs guests. The version is the content: the same files give
            the same version again, whatever they are called or where they lie. Schema and profile are read while the files stream in.
            A run names the version by its digest; the command prints how.

            What lies in S3 is read by this command, with the credentials of whoever runs it: AWS_ACCESS_KEY_ID and
            AWS_SECRET_ACCESS_KEY, a web identity, or a profile. The server gets the bytes and never the credentials.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl, parquet }

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The data set's name.") var name: String
    @Argument(help: "A file or a folder on this machine, or s3://BUCKET/KEY.") var path: String
    @Option(help: "What the files hold: csv, jsonl or parquet (default: by their names).")
    var format: Format?
    @Option(help: "Where the data come from, kept with the version (default: the path).") var source: String?
    @Option(help: "URL of an S3 server other than AWS's (default: AWS_ENDPOINT_URL_S3).") var s3Endpoint: String?
    @Option(help: "Region of the bucket (default: AWS_REGION, AWS_DEFAULT_REGION, the profile's or us-east-1).")
    var s3Region: String?

    func run() async throws {
        try DatasetLimits.checkName(name)
        let (answer, isNew) = path.hasPrefix("s3://") ? try await addFromS3() : try await addFromHere()
        try output.show(answer, text: Self.text(answer, isNew: isNew))
    }

    private var given: DatasetVersion.Format? { format.flatMap { DatasetVersion.Format(rawValue: $0.rawValue) } }

    // MARK: files of this machine

    private func addFromHere() async throws -> (JSONValue, Bool) {
        var local = try LocalDataset(path: path, format: given)
        let total = local.bytes
        var bar = ProgressBar()
        var read: Int64 = 0
        try local.hash { bytes in
            read += bytes
            bar.show(total > 0 ? Double(read) / Double(total) : nil, "reading \(ProgressBar.bytes(read))")
        }
        bar.finish("read \(ProgressBar.bytes(read))")
        let hashed = local
        return try await client.withClient { try await add(hashed, $0) }
    }

    /// Asks first whether the content is there: then nothing is sent.
    private func add(_ local: LocalDataset, _ client: APIClient) async throws -> (JSONValue, Bool) {
        do {
            return (try await client.get(["datasets", name, "versions", local.digest]), false)
        } catch let error as MartletError where error.code == .notFound {
            try await upload(local, client)
        }
        return try await makeVersion(
            local.files.map { ($0.path, $0.digest, $0.format) }, source: Self.absolute(path), client)
    }

    private func upload(_ local: LocalDataset, _ client: APIClient) async throws {
        let total = local.bytes
        let progress = SentBytes()
        for file in local.files {
            let taken = try await client.upload(
                FilePieces(file: file.url) { progress.add($0, of: total) }, bytes: file.bytes,
                ["datasets", name, "files"], query: [("path", file.path), ("format", file.format.rawValue)])
            guard taken["digest"]?.stringValue == file.digest else {
                throw MartletError.precondition("\(file.url.path) changed while it was sent. Add it again.")
            }
        }
        progress.finish()
    }

    // MARK: objects of a bucket

    /// Reads each object once, on its way to the server: what is there already is found by what the server made of it.
    private func addFromS3() async throws -> (JSONValue, Bool) {
        let remote = try await S3Dataset(
            S3Source(
                url: path, endpoint: s3Endpoint, region: s3Region, environment: ProcessInfo.processInfo.environment),
            url: path, format: given)
        return try await client.withClient { client in
            let total = remote.bytes
            let progress = SentBytes()
            var files: [(path: String, digest: String, format: DatasetVersion.Format)] = []
            for file in remote.files {
                let hashed = HashedBody()
                let body = remote.source.pieces(file.object).map { piece in
                    hashed.take(piece)
                    progress.add(Int64(piece.readableBytes), of: total)
                    return piece
                }
                let taken = try await client.upload(
                    body, bytes: file.object.bytes, ["datasets", name, "files"],
                    query: [("path", file.path), ("format", file.format.rawValue)])
                let digest = hashed.digest
                guard taken["digest"]?.stringValue == digest else {
                    throw MartletError(
                        .unavailable,
                        "The server received other bytes than s3 gave of \(file.object.key). Add it again.")
                }
                files.append((file.path, digest, file.format))
            }
            progress.finish()
            return try await makeVersion(files, source: path, client)
        }
    }

    private func makeVersion(
        _ files: [(path: String, digest: String, format: DatasetVersion.Format)], source standard: String,
        _ client: APIClient
    ) async throws -> (JSONValue, Bool) {
        let answer = try await client.post(
            ["datasets", name, "versions"],
            [
                "source": .string(source ?? standard),
                "files": .array(
                    files.map {
                        ["path": .string($0.path), "digest": .string($0.digest), "format": .string($0.format.rawValue)]
                    }),
            ])
        return (answer, answer["is_new"]?.boolValue ?? false)
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
