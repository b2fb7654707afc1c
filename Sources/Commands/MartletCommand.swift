public import ArgumentParser
internal import Domain
internal import Foundation

/// The root of the command tree.
public struct MartletCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Takes a machine-learning model from pilot to production and keeps it there.",
        discussion: """
            Start here:
              martlet serve --dev                no authentication, this machine only
              export MLFLOW_TRACKING_URI=http://127.0.0.1:8080
              python train.py                    log with your own MLflow client
              martlet policy apply martlet.yaml  say what the model must meet
              martlet readiness MODEL VERSION    what is met, unmet and unknown
              martlet approval request MODEL VERSION
              martlet rollout start MODEL VERSION
              martlet trace PREDICTION_ID        what made one answer

            With authentication (the default):
              martlet serve                      first key: DATA-DIR/admin-key
              martlet principal create ada --role contributor
              martlet key create ada             shown once
              martlet login --url URL            keeps the key on this machine

            Exit codes: 0 done, 1 failed, 2 the answer is no (not ready, differs,
            broken), 64 wrong usage.
            """,
        version: MartletVersion.text,
        groupedSubcommands: CommandTree.groups)

    public init() {}

    /// Parses the process's arguments, runs the command and ends the process with its exit code.
    public static func runAsProcess() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as MartletError {
            CommandExit.explain(error)
            exit(withError: CommandExit.failure)
        } catch {
            exit(withError: error)
        }
    }
}
