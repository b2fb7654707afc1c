internal import ArgumentParser
internal import Domain

/// `martlet optimize MODEL VERSION --quantize int8|fp16 | --prune SHARE`.
struct Optimize: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a smaller or faster version of a registered one.",
        discussion: """
            ONNX Runtime's tools make it in a confined child process of the server (--enable-guests). It is registered as the next
            version of the same model, with what was measured: size, latency, how far its answers lie from those of the version
            before, and metrics on the reference rows where their labels are known. It is prepared, must be ready and must be
            approved like any other version. If it cannot be made, nothing changes.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The number of the version to start from.") var version: Int
    @Option(help: "int8 or fp16: the type of dense and convolutional layers' weights.") var quantize: String?
    @Option(help: "A share above 0 and below 1 of an ensemble's trees, or of the weights of each layer, to do without.")
    var prune: Double?
    @Option(help: "Seconds to wait until the new version is made and prepared; 0 only starts it.")
    var wait: Double = 600

    /// How often the server is asked while waiting.
    static let interval = Duration.milliseconds(500)

    func validate() throws {
        do { _ = try Optimization(quantize: quantize, prune: prune) } catch { throw ValidationError(error.message) }
        guard wait >= 0, wait <= 86_400 else { throw ValidationError("--wait is 0 to 86400 seconds.") }
    }

    func run() async throws {
        let deadline = ContinuousClock.now + .seconds(wait)
        try await client.withClient { client in
            let path = ["models", model, "versions", "\(version)", "optimizations"]
            var job = try await client.post(path, body)
            guard wait > 0, let id = job["id"]?.stringValue else { return try show(job, nil) }
            while job["state"] == "running", ContinuousClock.now < deadline {
                try await Task.sleep(for: Self.interval)
                job = try await client.get(path + [id])
            }
            try await finish(job, client, deadline)
        }
    }

    private var body: JSONValue {
        var fields: [String: JSONValue] = [:]
        fields["quantize"] = quantize.map { .string($0) }
        fields["prune"] = prune.map { .double($0) }
        return .object(fields)
    }

    private func finish(_ job: JSONValue, _ client: APIClient, _ deadline: ContinuousClock.Instant) async throws {
        if job["state"] == "failed" {
            throw MartletError.precondition("No version was made. \(Column.plain(job["error"]))")
        }
        guard let number = job["version"]?.intValue else {
            throw MartletError(
                .deadlineExceeded,
                "It is still being made after \(wait) s. `martlet model show \(model)` lists it when it is there.")
        }
        let path = ["models", model, "versions", "\(number)", "preparation"]
        var preparation = try await client.get(path)
        while preparation["state"] == "pending", ContinuousClock.now < deadline {
            try await Task.sleep(for: Self.interval)
            preparation = try await client.get(path)
        }
        try show(job, preparation)
    }

    private func show(_ job: JSONValue, _ preparation: JSONValue?) throws {
        guard case .object(var members) = job else { return }
        members["preparation"] = preparation
        let value = JSONValue.object(members)
        let text = [
            Table.fields(value, Self.fields), OptimizationText.text(value["record"] ?? .null),
        ].filter { !$0.isEmpty }.joined(separator: "\n")
        try output.show(value, text: text)
    }

    private static let fields = [
        Column("Optimisation", "id"), Column("State", "state"), Column("New version", "version"),
        Column("Prepared", "preparation.state"), Column("Detail", "preparation.detail"),
    ]
}
