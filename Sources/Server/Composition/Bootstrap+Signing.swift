internal import Domain
internal import Logging
internal import Storage

/// Signatures of versions.
struct SigningParts: Sendable {
    let signer: ModelSigner
    let store: SignatureStore
    let verifier: SignatureVerifier
}

extension Bootstrap {
    /// - Throws: what reading or making the key of model signatures throws.
    func makeSigning(
        registry: Database, artifacts: ArtifactStore, reader: RegistryReader, clock: any WallClock
    ) throws -> SigningParts {
        let signer = try ModelSigner(directory: configuration.dataDirectory + "/keys")
        let store = SignatureStore(database: registry, artifacts: artifacts, signer: signer, clock: clock)
        return SigningParts(
            signer: signer, store: store, verifier: SignatureVerifier(store: store, reader: reader))
    }
}

/// Leaves out of each snapshot what is not signed as its policy demands, so that the data plane never loads it.
struct SignedReceiver: SnapshotReceiver {
    let signatures: any VersionSignatureChecking
    let policy: @Sendable (String) async throws -> PolicyVersion?
    let receiver: any SnapshotReceiver
    let logger: Logger

    func apply(_ snapshot: EndpointSnapshot) async throws {
        var signed = snapshot
        signed.versions = []
        for version in snapshot.versions {
            guard let rule = try await policy(version.id.model)?.policy.signing else {
                signed.versions.append(version)
                continue
            }
            do {
                try await signatures.requireSignature(of: version.id, by: rule)
                signed.versions.append(version)
            } catch {
                logger.error(
                    "a version is not loaded", metadata: ["version": "\(version.id)", "reason": "\(error)"])
            }
        }
        try await receiver.apply(signed)
    }
}
