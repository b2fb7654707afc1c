internal import ArgumentParser
internal import Domain

/// `martlet encryption migrate`.
struct EncryptionMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Encrypt what was stored before encryption was on.",
        discussion: """
            Recorded predictions, feedback, secrets of webhooks and artifacts, beside the running server. Broken off, it goes on where it was when it is
            called again. A damaged artifact stays as it is and is named; the exit code is then 2.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let value: JSONValue = try await client.withClient { client in
            var (values, blobs, bytes): (Int64, Int64, Int64) = (0, 0, 0)
            var damaged: [JSONValue] = []
            var after: String?
            var bar = ProgressBar()
            var progress: String { "encrypted \(values) values, \(blobs) artifacts, \(ProgressBar.bytes(bytes))" }
            repeat {
                let step = try await client.post(
                    ["encryption", "migrate"], .object(after.map { ["after": .string($0)] } ?? [:]))
                values += step["values"]?.intValue ?? 0
                blobs += step["blobs"]?.intValue ?? 0
                bytes += step["bytes"]?.intValue ?? 0
                damaged += step["damaged"]?.arrayValue ?? []
                after = step["next"]?.stringValue
                // How much is left is not known before it has been read.
                bar.show(nil, progress)
            } while after != nil
            bar.finish(progress)
            return [
                "values": .int(values), "blobs": .int(blobs), "bytes": .int(bytes), "damaged": .array(damaged),
            ]
        }
        let damaged = value["damaged"]?.arrayValue ?? []
        let lines = damaged.map { "\n" + Table.clean(Column.plain($0)) }.joined()
        try output.show(
            value,
            text:
                "Encrypted \(Column.plain(value["values"])) values and \(Column.plain(value["blobs"])) artifacts (\(Column.plain(value["bytes"])) bytes).\(lines)"
        )
        if !damaged.isEmpty { throw CommandExit.answeredNo }
    }
}
