public import Domain

/// Says of each signature of a version whether it holds, and whether any counts.
public struct SignatureVerifier: VersionSignatureChecking {
    /// One signature, looked at.
    public struct Finding: Sendable, Codable, Hashable {
        public var keyID: String
        public var origin: VersionSignature.Origin
        public var signedBy: String?
        public var signedAt: Timestamp?
        public var isValid: Bool
        /// Why not; nil if it is.
        public var reason: String?
    }

    public struct Verdict: Sendable, Codable, Hashable {
        /// Whether a signature that counts covers exactly the version's files.
        public var isValid: Bool
        public var findings: [Finding]
        /// Of files whose bytes were read; empty where only digests were compared.
        public var damagedFiles: [String]
    }

    let store: SignatureStore
    let reader: RegistryReader

    public init(store: SignatureStore, reader: RegistryReader) {
        self.store = store
        self.reader = reader
    }

    /// - Parameters:
    ///   - publicKeys: PEM; empty is the server's own key.
    ///   - readsFiles: every file is read and its digest compared; else the digests of registration are trusted, which
    ///     loading compares anyway.
    /// - Throws: `notFound`, `invalidArgument` for a key that is none.
    public func verify(
        _ id: ModelVersionID, publicKeys: [String], readsFiles: Bool
    ) async throws -> Verdict {
        let record = try await reader.versionRecord(id)
        let keys =
            publicKeys.isEmpty ? [store.serverKey] : try publicKeys.map { try ModelVerifyingKey(pem: $0) }
        var findings: [Finding] = []
        for signature in try await store.signatures(of: id) {
            var finding = Finding(
                keyID: signature.keyID, origin: signature.origin, signedBy: signature.signedBy,
                signedAt: signature.signedAt, isValid: true, reason: nil)
            do {
                try ModelSignature.verify(Array(signature.bundle.utf8), of: record.manifest, keys: keys)
            } catch {
                finding.isValid = false
                finding.reason = error.message
            }
            findings.append(finding)
        }
        let damaged = readsFiles ? try await damagedFiles(record) : []
        return Verdict(
            isValid: findings.contains(where: \.isValid) && damaged.isEmpty, findings: findings, damagedFiles: damaged)
    }

    public func requireSignature(of id: ModelVersionID, by rule: SigningRule) async throws {
        guard rule.isRequired else { return }
        let verdict = try await verify(id, publicKeys: rule.publicKeys, readsFiles: false)
        guard !verdict.isValid else { return }
        let reasons = verdict.findings.compactMap(\.reason)
        let why = reasons.isEmpty ? "It has no signature." : reasons.joined(separator: " ")
        throw MartletError.precondition(
            "\(Self.refusal) of \(id), and none holds. \(why) Sign it with `martlet model sign \(id.model) \(id.version)`."
        )
    }

    /// How the refusal begins: by it those are found who wait for a signature.
    public static let refusal = "The policy requires a signature"

    private func damagedFiles(_ record: VersionRecord) async throws -> [String] {
        var damaged: [String] = []
        for file in record.files {
            do {
                try await store.artifacts.blobs.stream(file.blob) { _ in }
            } catch let error as MartletError where error.code == .internal {
                damaged.append(file.path)
            }
        }
        return damaged
    }
}
