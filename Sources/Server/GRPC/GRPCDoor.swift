internal import Domain

/// Finds out who calls by gRPC, by the same keys and rules as over HTTP.
struct GRPCDoor: Sendable {
    enum Admission {
        case admitted(GRPCCaller)
        /// A key that has not been proven a moment ago: the database is asked.
        case unknown(key: String, name: String?, address: String?)
    }

    /// Who called last on a connection: mostly the next call shows the same key.
    struct Memory {
        fileprivate var header = ""
        fileprivate var proof: Authenticator.Proof?
    }

    let knowing: FrontDoor.Knowing
    let isBehindProxy: Bool

    /// - Throws: `unauthenticated` without credentials that can be a key's; `permissionDenied` for what `--dev` does not serve.
    func admit(
        _ head: GRPCRequestHead, peer: String?, _ memory: inout Memory
    ) throws(MartletError) -> Admission {
        switch knowing {
        case .everyone:
            if let refusal = DevelopmentMiddleware.refusal(host: head.authority, origin: nil) { throw refusal }
            return .admitted(GRPCCaller(principal: .developer))
        case .keys(let authenticator):
            guard !head.method.isOpen else { return .admitted(GRPCCaller(principal: nil)) }
            guard let header = head.authorization else {
                throw MartletError(.unauthenticated, "This needs an API key: send `Authorization: Bearer <key>`.")
            }
            if let proof = memory.proof, memory.header == header, authenticator.holds(proof) {
                return .admitted(GRPCCaller(principal: proof.principal))
            }
            guard let shown = Credentials.parse(header) else {
                throw MartletError(
                    .unauthenticated, "The Authorization header is neither Bearer nor Basic with an API key.")
            }
            if let proof = authenticator.remembered(key: shown.key, name: shown.name) {
                memory = Memory(header: header, proof: proof)
                return .admitted(GRPCCaller(principal: proof.principal))
            }
            let address = isBehindProxy ? head.forwardedFor.flatMap { ClientAddress.last(of: $0) } ?? peer : peer
            return .unknown(key: shown.key, name: shown.name, address: address)
        }
    }

    func prove(key: String, name: String?, address: String?) async throws -> GRPCCaller {
        guard case .keys(let authenticator) = knowing else { return GRPCCaller(principal: .developer) }
        return GRPCCaller(principal: try await authenticator.principal(key: key, name: name, address: address))
    }
}

/// Who calls; nobody where the method needs no key.
struct GRPCCaller: Sendable {
    let principal: Principal?

    /// - Parameter model: the one that the call is about; nil where it is about the server.
    /// - Throws: `unauthenticated`, `permissionDenied`.
    func require(_ role: Role, to action: String, model: String?) throws(MartletError) {
        guard let principal else { throw MartletError(.unauthenticated, "This needs an API key.") }
        if let only = principal.onlyModel {
            guard let model, model.utf8.elementsEqual(only.utf8) else {
                throw MartletError(
                    .permissionDenied, "This API key is confined to logging and registering the model \(only).")
            }
        }
        try principal.require(role, to: action)
    }
}
