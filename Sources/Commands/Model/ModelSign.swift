internal import ArgumentParser
internal import Crypto
internal import Domain
internal import Foundation
internal import Storage

/// `martlet model sign MODEL VERSION --private-key FILE`.
struct ModelSign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a version with a key of your own (OpenSSF Model Signing).",
        discussion: """
            The signature is made here; the server gets the signature and the public key, never the private one. Make a key with
            `openssl ecparam -name prime256v1 -genkey -noout -out model.key`. With --folder the files of your own copy are
            hashed, and nothing is signed if the server has others: without it the server's word for the digests is signed.
            Without --private-key the server signs with its own key (administrators; versions are signed so when they are registered).
            """)

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The registered model's name.") var model: String
    @Argument(help: "The version's number.") var version: Int
    @Option(help: "PEM file of your private key: ECDSA on P-256, P-384 or P-521, not encrypted.") var privateKey:
        String?
    @Option(help: "Your own copy of the version's files, to be compared before anything is signed.") var folder: String?

    func run() async throws {
        let path = ["models", model, "versions", "\(version)"]
        let value = try await client.withClient { client in
            guard let privateKey else { return try await client.post(path + ["signatures"]) }
            let signing = try ModelSigningKey(pem: try Self.text(privateKey))
            let manifest = ModelManifest(name: model, files: try VersionFiles.read(try await client.get(path)))
            if let folder { try VersionFiles.compare(manifest, with: folder) }
            let bundle = try ModelSignature.sign(manifest, with: signing)
            return try await client.post(
                path + ["signatures"],
                [
                    "bundle": .string(String(decoding: bundle, as: UTF8.self)),
                    "public_key": .string(signing.verifying.pem),
                ])
        }
        try output.show(
            value, text: "Signed \(model) version \(version) with the key \(Column.plain(value["key_id"])).")
    }

    static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw MartletError.notFound("\(path) cannot be read.")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

/// The files of a version as the native API lists them.
enum VersionFiles {
    static func read(_ answer: JSONValue) throws -> [VersionFile] {
        try (answer["version"]?["files"]?.arrayValue ?? []).map { file in
            guard let path = file["path"]?.stringValue, let digest = file["digest"]?.stringValue else {
                throw MartletError(.internal, "The server's answer has a file without path or digest.")
            }
            return VersionFile(path: path, digest: digest, bytes: file["bytes"]?.intValue ?? 0)
        }
    }

    /// - Throws: `failedPrecondition` naming the first file that differs.
    static func compare(_ manifest: ModelManifest, with folder: String) throws {
        for file in manifest.files {
            guard let digest = try digest(of: folder + "/" + file.path) else {
                throw MartletError.precondition("\(folder) has no file \(file.path), which the version has.")
            }
            guard digest == file.digest else {
                throw MartletError.precondition("\(folder)/\(file.path) is not the file that the version has.")
            }
        }
    }

    private static func digest(of path: String) throws -> String? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }  // a reader that fails to close has lost nothing
        var hash = SHA256()
        while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty { hash.update(data: chunk) }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
