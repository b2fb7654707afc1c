import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("Signatures of models", .everyEngine)
struct ModelSignatureTests {
    private let files = [
        VersionFile(path: "sub2", digest: "4a60bf7d4bc1e485744cf7e8d0860524752fca1ce42331be7c439fd23043f151", bytes: 2),
        VersionFile(
            path: "sub/b.bin", digest: "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7", bytes: 5),
        VersionFile(
            path: "a.txt", digest: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", bytes: 5),
    ]

    private func reason(_ call: () throws -> Void) -> String? {
        do { try call() } catch let error as MartletError { return error.message } catch { Issue.record(error) }
        return nil
    }

    @Test("files are chained in the order of model_signing 1.1.1, and what it leaves out is left out")
    func manifest() {
        let extra = [".git/config", ".gitignore", "model.sig"].map {
            VersionFile(path: $0, digest: files[0].digest, bytes: 2)
        }
        let manifest = ModelManifest(name: "m", files: files + extra)
        #expect(manifest.files.map(\.path) == ["a.txt", "sub/b.bin", "sub2"])
        // What `model_signing sign key` wrote for these three files.
        #expect(manifest.rootDigest == "0eeaa973adc4eed28d8c40f1709106762f49bb590830c6dc9cfbe776975170ea")
    }

    @Test("a signature holds for its key and its files, and for nothing else")
    func verification() throws {
        let key = try ModelSigningKey(pem: ModelSigningKey.makePEM())
        let other = try ModelSigningKey(pem: ModelSigningKey.makePEM())
        let manifest = ModelManifest(name: "m", files: files)
        let bundle = try ModelSignature.sign(manifest, with: key)
        #expect(
            try ModelSignature.verify(bundle, of: manifest, keys: [other.verifying, key.verifying]).id
                == key.verifying.id)
        #expect(
            reason { try ModelSignature.verify(bundle, of: manifest, keys: [other.verifying]) }?.contains("not among")
                == true)
        var changed = files
        changed[2].digest = files[0].digest
        let wrong = ModelManifest(name: "m", files: changed)
        #expect(
            reason { try ModelSignature.verify(bundle, of: wrong, keys: [key.verifying]) }?.contains("a.txt") == true)
        let fewer = ModelManifest(name: "m", files: Array(files[..<2]))
        #expect(
            reason { try ModelSignature.verify(bundle, of: fewer, keys: [key.verifying]) }?.contains("a.txt") == true)
        let more = ModelManifest(name: "m", files: files + [VersionFile(path: "z", digest: files[0].digest, bytes: 1)])
        #expect(
            reason { try ModelSignature.verify(bundle, of: more, keys: [key.verifying]) }?.contains("not signed")
                == true)
    }

    @Test("a changed payload, a changed signature and anything but a bundle are refused")
    func tampering() throws {
        let key = try ModelSigningKey(pem: ModelSigningKey.makePEM())
        let manifest = ModelManifest(name: "m", files: files)
        let bundle = try ModelSignature.sign(manifest, with: key)
        var parsed = try SigstoreBundle(reading: bundle)
        parsed.dsseEnvelope.payload[10] ^= 1
        #expect(reason { try ModelSignature.verify(try parsed.encoded(), of: manifest, keys: [key.verifying]) } != nil)
        parsed = try SigstoreBundle(reading: bundle)
        parsed.dsseEnvelope.signatures[0].sig[12] ^= 1
        #expect(reason { try ModelSignature.verify(try parsed.encoded(), of: manifest, keys: [key.verifying]) } != nil)
        for text in ["", "{}", "[]", "null"] {
            #expect(reason { try ModelSignature.verify(Array(text.utf8), of: manifest, keys: [key.verifying]) } != nil)
        }
    }

    @Test("a key that is none is refused, and no key shows when it is printed")
    func keys() throws {
        #expect(reason { _ = try ModelSigningKey(pem: "x") } != nil)
        #expect(reason { _ = try ModelVerifyingKey(pem: "x") } != nil)
        let pem = ModelSigningKey.makePEM()
        let key = try ModelSigningKey(pem: pem)
        let secret = pem.split(separator: "\n")[1]
        #expect(!"\(key)".contains(secret))
    }

    @Test(
        "the server signs every version it registers; rename keeps the signature, and an author's is added once it proves itself"
    )
    func store() async throws {
        let world = try TrackingWorld()
        let signer = try ModelSigner(directory: world.folder.path)
        let registry = RegistryStore(database: world.database, clock: world.clock, signer: signer)
        let store = SignatureStore(
            database: world.database, artifacts: world.artifacts, signer: signer, clock: world.clock)
        let verifier = SignatureVerifier(store: store, reader: world.reader)
        let unsigned = try await world.version(of: "m")
        #expect(try await !verifier.verify(unsigned.id, publicKeys: [], readsFiles: false).isValid)
        let rule = SigningRule(isRequired: true)
        #expect(
            await world.refusal { try await verifier.requireSignature(of: unsigned.id, by: rule) }
                == .failedPrecondition)
        let run = try await world.run()
        try await world.put(world.root(run) + "/model/MLmodel", "x")
        let version = try await registry.createVersion(world.draft("m", "runs:/\(run.id)/model"), by: world.ada)
        try await verifier.requireSignature(of: version.id, by: rule)
        _ = try await registry.rename("m", to: "n", by: world.ada)
        let renamed = ModelVersionID(model: "n", version: version.id.version)
        try await verifier.requireSignature(of: renamed, by: rule)

        let author = try ModelSigningKey(pem: ModelSigningKey.makePEM())
        let ruleOfAuthor = SigningRule(isRequired: true, publicKeys: [author.verifying.pem])
        #expect(
            await world.refusal { try await verifier.requireSignature(of: renamed, by: ruleOfAuthor) }
                == .failedPrecondition)
        let record = try await world.reader.versionRecord(renamed)
        let wrong = try ModelSignature.sign(ModelManifest(name: "n", files: []), with: author)
        let refused = await world.refusal {
            _ = try await store.add(wrong, publicKey: author.verifying.pem, to: renamed, by: world.ada)
        }
        #expect(refused == .failedPrecondition)
        let bundle = try ModelSignature.sign(record.manifest, with: author)
        _ = try await store.add(bundle, publicKey: author.verifying.pem, to: renamed, by: world.ada)
        try await verifier.requireSignature(of: renamed, by: ruleOfAuthor)
        let damagedPath = world.path(record.files[0].digest)
        try Data("y".utf8).write(to: URL(filePath: damagedPath))
        let verdict = try await verifier.verify(renamed, publicKeys: [], readsFiles: true)
        #expect(!verdict.isValid && verdict.damagedFiles == ["MLmodel"])
    }
}
