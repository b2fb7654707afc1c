internal import ArgumentParser

/// Every command, in the groups that `martlet --help` shows. A new noun is one line in its group.
enum CommandTree {
    static let groups: [CommandGroup] = [server, model, traffic, watching, accounts].filter { !$0.subcommands.isEmpty }

    private static let server = CommandGroup(
        name: "Server",
        subcommands: [
            Serve.self, ConfigCommand.self, Backup.self, Restore.self, DatabaseCommand.self, ArtifactsCommand.self,
            EncryptionCommand.self, ImportCommand.self, ExportCommand.self, Collect.self, Guest.self,
        ])

    private static let model = CommandGroup(
        name: "From pilot to approval",
        subcommands: [
            DataCommand.self, PolicyCommand.self, ModelCommand.self, Optimize.self, AliasCommand.self,
            Readiness.self, ApprovalCommand.self,
        ])

    private static let traffic = CommandGroup(
        name: "Traffic",
        subcommands: [
            EndpointCommand.self, RolloutCommand.self, RetrainCommand.self,
        ])

    private static let watching = CommandGroup(
        name: "Watching and explaining",
        subcommands: [
            AlertCommand.self, MonitorCommand.self, FeedbackCommand.self, WebhookCommand.self, Lineage.self, Trace.self,
            Replay.self,
        ])

    private static let accounts = CommandGroup(
        name: "Accounts and audit",
        subcommands: [
            Login.self, PrincipalCommand.self, KeyCommand.self, AuditCommand.self,
        ])
}
