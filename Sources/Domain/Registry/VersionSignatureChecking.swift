/// The port through which those who load a version ask whether it is signed as its policy demands.
public protocol VersionSignatureChecking: Sendable {
    /// - Throws: `failedPrecondition` with the reason if no signature that counts covers exactly the version's files.
    func requireSignature(of id: ModelVersionID, by rule: SigningRule) async throws
}
