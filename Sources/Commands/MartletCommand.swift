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
              martlet serve --dev                 a server without authentication, on this machine only
              export MLFLOW_TRACKING_URI=http://127.0.0.1:8080
              python train.py                     log and register with the MLflow client you already have
              martlet policy apply martlet.yaml   say what the model must meet
              martlet readiness MODEL VERSION     see what is met, unmet and unknown
              martlet approval request MODEL VERSION
              martlet rollout start MODEL VERSION
              martlet trace PREDICTION_ID         which model, data and code made one answer

            With authentication (the default):
              martlet serve                       the first administrator's key goes to DATA-DIR/admin-key
              martlet principal create ada --role contributor
              martlet key create ada              shown once; give it to MLFLOW_TRACKING_TOKEN or `martlet login`

            Exit codes: 0 done, 1 failed, 2 the answer is no (not ready, differs, broken), 64 wrong usage.
            """,
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
