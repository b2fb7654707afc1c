internal import ArgumentParser

/// `martlet encryption`.
struct EncryptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encryption", abstract: "Keys of encryption at rest.",
        discussion: "Encryption begins with `martlet serve --encryption-key-file FILE` (docs/operating.md).",
        subcommands: [EncryptionStatusCommand.self, EncryptionRotate.self, EncryptionMigrate.self])
}
