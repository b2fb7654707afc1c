internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Storage

/// `martlet model verify MODEL VERSION`.
struct ModelVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify a version's signatures, and that its files are what was signed.",
        discussion: """
            The server reads every file again and compares it with its digest. Without --public-key a signature counts if the policy's
            signing_keys, or else the server's own key, made it. With --public-key the signatures are verified here against that key
            alone. Exits with 2 if none holds. --save writes the bundle for `model_signing verify key`.
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The version's number.") var version: Int
    @Option(help: "PEM file of the public key that must have signed.") var publicKey: String?
    @Option(help: "A file to write the bundle of the signature that holds to.") var save: String?

    func run() async throws {
        let path = ["models", model, "versions", "\(version)"]
        let (verdict, bundle) = try await client.withClient { client in
            var verdict = try await client.get(path + ["verification"])
            let signatures = try await client.items(path + ["signatures"])
            if let publicKey {
                let manifest = ModelManifest(name: model, files: try VersionFiles.read(try await client.get(path)))
                verdict = try Self.verify(
                    signatures, manifest, ModelVerifyingKey(pem: try ModelSign.text(publicKey)), verdict)
            }
            let valid = verdict["findings"]?.arrayValue?.first { $0["is_valid"] == .bool(true) }?["key_id"]
            return (verdict, signatures.first { $0["key_id"] == valid && valid != nil }?["bundle"]?.stringValue)
        }
        let isValid = verdict["is_valid"] == .bool(true)
        if let save, isValid, let bundle { try Data(bundle.utf8).write(to: URL(filePath: save)) }
        try output.show(verdict, text: Self.text(verdict, isValid: isValid))
        if !isValid { throw CommandExit.answeredNo }
    }

    /// The verdict under one key, by this program's own arithmetic.
    private static func verify(
        _ signatures: [JSONValue], _ manifest: ModelManifest, _ key: ModelVerifyingKey, _ verdict: JSONValue
    ) throws -> JSONValue {
        var anyHolds = false
        let findings = try signatures.map { signature -> JSONValue in
            var finding: [String: JSONValue] = [
                "key_id": signature["key_id"] ?? .null, "origin": signature["origin"] ?? .null,
                "signed_by": signature["signed_by"] ?? .null, "signed_at": signature["signed_at"] ?? .null,
            ]
            do {
                try ModelSignature.verify(
                    Array((signature["bundle"]?.stringValue ?? "").utf8), of: manifest, keys: [key])
                finding["is_valid"] = .bool(true)
                anyHolds = true
            } catch let error as MartletError {
                finding["is_valid"] = .bool(false)
                finding["reason"] = .string(error.message)
            }
            return .object(finding)
        }
        let damaged = verdict["damaged_files"]?.arrayValue ?? []
        return [
            "is_valid": .bool(anyHolds && damaged.isEmpty), "findings": .array(findings),
            "damaged_files": .array(damaged),
        ]
    }

    private static func text(_ verdict: JSONValue, isValid: Bool) -> String {
        let findings = verdict["findings"]?.arrayValue ?? []
        let damaged = (verdict["damaged_files"]?.arrayValue ?? []).map { "\nDamaged: \(Table.clean(Column.plain($0)))" }
        let head = isValid ? "Valid." : findings.isEmpty ? "Not signed." : "No signature holds."
        let table = Table(
            findings,
            columns: [
                Column("KEY", "key_id"), Column("ORIGIN", "origin"), Column("BY", "signed_by"),
                .time("SIGNED", "signed_at"), Column("VALID", "is_valid"), Column("REASON", "reason"),
            ])
        return head + damaged.joined() + (findings.isEmpty ? "" : "\n\n" + table.text)
    }
}
