internal import ArgumentParser
internal import Domain

/// `martlet rollout show ID`.
struct RolloutShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one rollout and what happened to it, with the figures.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The rollout's number.")
    var id: Int

    func run() async throws {
        let value = try await client.withClient { try await $0.get(["rollouts", "\(id)"]) }
        try output.show(value, text: Self.text(value))
    }

    static func text(_ value: JSONValue) -> String {
        let events = Table(
            value["events"]?.arrayValue ?? [],
            columns: [
                .time("TIME", "time"), Column("EVENT", "kind"),
                Column("STEP", isRightAligned: true) { ($0["step"]?.intValue).map { "\($0 + 1)" } ?? "-" },
                .number("REQUESTS", "evidence.candidate.requests"), .number("ERRORS", "evidence.candidate.errors"),
                .number("P99 MS", "evidence.candidate.p99_milliseconds"),
                .number("CHAMPION P99", "evidence.champion.p99_milliseconds"),
                .number("PSI", "evidence.prediction_psi"), Column("DETAIL", "detail"),
            ])
        return [Table.fields(value, RolloutCommand.fields), "", events.text].joined(separator: "\n")
    }
}
