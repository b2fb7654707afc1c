internal import ArgumentParser

/// `martlet feedback`.
struct FeedbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feedback", abstract: "What was learned later about predictions.", subcommands: [FeedbackSend.self]
    )
}
