internal import ArgumentParser

/// `martlet audit`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The chain of governing changes: who, what, before and after, when.",
        subcommands: [AuditList.self, AuditExport.self, AuditVerify.self])
}
