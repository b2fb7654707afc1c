public import Domain

/// Signatures of versions in registry.db. They go with their version, and follow a renamed model.
public struct SignatureStore: Sendable {
    /// Signatures of one version: the server's and those of some authors.
    static let signaturesMax = 20

    let database: Database
    let artifacts: ArtifactStore
    let signer: ModelSigner
    let clock: any WallClock

    public init(database: Database, artifacts: ArtifactStore, signer: ModelSigner, clock: any WallClock) {
        self.database = database
        self.artifacts = artifacts
        self.signer = signer
        self.clock = clock
    }

    /// The server's public key.
    public var serverKey: ModelVerifyingKey { signer.verifying }

    /// All signatures: those kept, and the file `model.sig` if the version has one.
    ///
    /// - Throws: `notFound`; `internal` if that file is damaged.
    public func signatures(of id: ModelVersionID) async throws -> [VersionSignature] {
        let (record, kept) = try await database.read { sql in
            let record = try RegistryReader.record(sql, try RegistryStore.version(sql, id))
            let rows = try sql.rows(
                """
                SELECT key_id, origin, public_key, bundle, signed_by_name, signed_at FROM version_signatures
                WHERE name = $1 AND version = $2 ORDER BY signed_at, key_id LIMIT $3
                """, [.text(id.model), .integer(id.version), .integer(Self.signaturesMax)])
            return (record, try rows.map(Self.signature))
        }
        guard let file = record.files.first(where: { $0.path == ModelManifest.signatureFile }) else { return kept }
        let bundle = try await artifacts.blobs.read(file.blob, bytesMax: SigstoreBundle.bytesMax)
        // A file that is no bundle has no key; verification says so.
        let keyID = (try? ModelSignature.keyID(of: bundle)) ?? nil
        return kept + [
            VersionSignature(
                keyID: keyID ?? "", origin: .file, publicKey: nil, signedBy: nil, signedAt: nil,
                bundle: String(decoding: bundle, as: UTF8.self))
        ]
    }

    /// Keeps a signature made elsewhere, once it proves to cover exactly this version.
    ///
    /// - Throws: `notFound`; `invalidArgument` if it is no bundle or no key; `failedPrecondition` if it proves nothing.
    public func add(
        _ bundle: [UInt8], publicKey: String, to id: ModelVersionID, by actor: Principal
    ) async throws -> VersionSignature {
        let key = try ModelVerifyingKey(pem: publicKey)
        let now = clock.now()
        return try await database.write { sql in
            let record = try RegistryReader.record(sql, try RegistryStore.version(sql, id))
            try ModelSignature.verify(bundle, of: record.manifest, keys: [key])
            let signature = VersionSignature(
                keyID: key.id, origin: .author, publicKey: key.pem, signedBy: actor.name, signedAt: now,
                bundle: String(decoding: bundle, as: UTF8.self))
            try Self.insert(sql, signature, of: id, by: actor, at: now)
            return signature
        }
    }

    /// Signs a version that has no signature of the server's present key: one registered before there was a key, or with an older
    /// one.
    ///
    /// - Throws: `notFound`, `failedPrecondition` for a version whose files are kept elsewhere.
    public func signByServer(_ id: ModelVersionID, by actor: Principal) async throws -> VersionSignature {
        let (now, signer) = (clock.now(), signer)
        return try await database.write { sql in
            let record = try RegistryReader.record(sql, try RegistryStore.version(sql, id))
            guard !record.files.isEmpty else {
                throw MartletError.precondition("Martlet does not keep the files of \(id), so it cannot sign them.")
            }
            return try Self.sign(sql, record.id, record.files, with: signer, by: actor, at: now)
        }
    }

    // MARK: inside a transaction

    @discardableResult
    static func sign(
        _ sql: SQLConnection, _ id: ModelVersionID, _ files: [VersionFile], with signer: ModelSigner,
        by actor: Principal, at now: Timestamp
    ) throws -> VersionSignature {
        let bundle = try ModelSignature.sign(ModelManifest(name: id.model, files: files), with: signer.key)
        let signature = VersionSignature(
            keyID: signer.verifying.id, origin: .server, publicKey: signer.verifying.pem, signedBy: actor.name,
            signedAt: now, bundle: String(decoding: bundle, as: UTF8.self))
        try insert(sql, signature, of: id, by: actor, at: now)
        return signature
    }

    private static func insert(
        _ sql: SQLConnection, _ signature: VersionSignature, of id: ModelVersionID, by actor: Principal,
        at now: Timestamp
    ) throws {
        let count = try sql.row(
            "SELECT COUNT(*) AS signatures FROM version_signatures WHERE name = $1 AND version = $2 AND key_id <> $3",
            [.text(id.model), .integer(id.version), .text(signature.keyID)])
        guard try count?.int("signatures") ?? 0 < signaturesMax else {
            throw MartletError(.resourceExhausted, "A version may have \(signaturesMax) signatures.")
        }
        try sql.execute(
            """
            INSERT INTO version_signatures
                (name, version, key_id, origin, public_key, bundle, signed_by, signed_by_name, signed_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (name, version, key_id) DO UPDATE SET origin = excluded.origin, bundle = excluded.bundle,
                signed_by = excluded.signed_by, signed_by_name = excluded.signed_by_name, signed_at = excluded.signed_at
            """,
            [
                .text(id.model), .integer(id.version), .text(signature.keyID), .text(signature.origin.rawValue),
                .text(signature.publicKey ?? ""), .text(signature.bundle), .text(actor.id.rawValue), .text(actor.name),
                .integer(now.milliseconds),
            ])
        try sql.appendAudit(
            AuditDraft(
                actor: actor, action: "version.sign", subject: "models/\(id.model)/versions/\(id.version)",
                after: ["key_id": .string(signature.keyID), "origin": .string(signature.origin.rawValue)]),
            at: now)
    }

    private static func signature(_ row: SQLRow) throws -> VersionSignature {
        guard let origin = VersionSignature.Origin(rawValue: try row.text("origin")) else {
            throw StorageError(.decoding, "A signature has an unknown origin.")
        }
        return VersionSignature(
            keyID: try row.text("key_id"), origin: origin, publicKey: try row.text("public_key"),
            signedBy: try row.text("signed_by_name"), signedAt: Timestamp(milliseconds: try row.integer("signed_at")),
            bundle: try row.text("bundle"))
    }
}

extension VersionRecord {
    /// What a signature of it covers.
    public var manifest: ModelManifest { ModelManifest(name: id.model, files: files) }
}
