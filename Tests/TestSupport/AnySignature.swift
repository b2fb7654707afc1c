public import Domain

/// Lets every version pass, whatever its policy demands.
public struct AnySignature: VersionSignatureChecking {
    public init() {}

    public func requireSignature(of id: ModelVersionID, by rule: SigningRule) async throws {}
}
