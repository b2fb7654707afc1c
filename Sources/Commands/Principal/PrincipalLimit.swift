internal import ArgumentParser
internal import Domain

/// `martlet principal limit NAME --requests-per-second 50`
struct PrincipalLimit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Bound how many predictions a principal may ask for. What is not given has no bound any more.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions
    @Argument var name: String
    @Option(help: "Over time, 0.001 to 1000000. More are answered 429.") var requestsPerSecond: Double?
    @Option(help: "At once after a quiet while, 1 to 1000000. Default as many as a second has.") var burst: Int?
    @Option(help: "From midnight to midnight UTC.") var requestsPerDay: Int?
    @Flag(help: "Without any bound.") var none = false

    func validate() throws {
        let isBounded = requestsPerSecond != nil || burst != nil || requestsPerDay != nil
        guard isBounded != none else {
            throw ValidationError("Give --requests-per-second, --requests-per-day or both, or --none.")
        }
    }

    func run() async throws {
        var body: [String: JSONValue] = [:]
        body["requests_per_second"] = requestsPerSecond.map { .double($0) }
        body["burst"] = burst.map { .int(Int64($0)) }
        body["requests_per_day"] = requestsPerDay.map { .int(Int64($0)) }
        let fields = body
        let account = try await client.withClient { try await $0.put(["principals", name, "limits"], .object(fields)) }
        try output.show(account, text: none ? "\(name) has no bound." : "\(name) is bounded.")
    }
}
