internal import Domain
internal import Foundation
internal import Logging

/// Decides which plain requests the front answers: those to its calls, by somebody who is known already. All others take the way
/// through the HTTP server, its middleware and its routes, which also makes the refusals.
struct FrontDoor: Sendable {
    /// Of a body that the front gathers; larger ones are streamed through the HTTP server, which counts them against the server's budget.
    static let bodyBytesMax = BodyBudgetMiddleware.smallBytesMax

    enum Knowing: Sendable {
        /// `--dev`.
        case everyone
        case keys(Authenticator)
    }

    let calls: FrontCalls
    let knowing: Knowing
    let isSecure: Bool
    let logger: Logger

    /// Who asked last on a connection: mostly the next request shows the same key.
    struct Memory {
        fileprivate var header = ""
        fileprivate var proof: Authenticator.Proof?
    }

    struct Admission {
        let call: FrontCall
        let principal: Principal
    }

    /// - Returns: nil for what is not the front's.
    func admit(_ head: PlainHead, _ memory: inout Memory) -> Admission? {
        guard !head.hasFieldsOfRoutes, head.bodyBytes <= Self.bodyBytesMax, let call = calls.call(head) else {
            return nil
        }
        if head.method == .post {
            guard let type = head.contentType, Self.isJSON(type) else { return nil }
        }
        guard let principal = principal(head, &memory) else { return nil }
        return Admission(call: call, principal: principal)
    }

    private func principal(_ head: PlainHead, _ memory: inout Memory) -> Principal? {
        switch knowing {
        case .everyone:
            guard DevelopmentMiddleware.refusal(host: head.host, origin: nil) == nil else { return nil }
            return .developer
        case .keys(let authenticator):
            guard let header = head.authorization else { return nil }
            if let proof = memory.proof, memory.header == header, authenticator.holds(proof) { return proof.principal }
            guard let shown = Credentials.parse(header),
                let proof = authenticator.remembered(key: shown.key, name: shown.name), proof.principal.onlyModel == nil
            else { return nil }
            memory = Memory(header: header, proof: proof)
            return proof.principal
        }
    }

    private static func isJSON(_ type: String) -> Bool {
        type == "application/json" || type == "application/json; charset=utf-8"
            || type == "application/json;charset=utf-8"
    }

    /// The answer to an admitted request, or what to wait for; an error has the shape of the protocol that was spoken.
    func begin(_ request: FrontRequest, _ admission: Admission) -> FrontOutcome {
        do {
            try admission.principal.require(admission.call.role, to: admission.call.action)
            return try admission.call.answer(request, admission.principal)
        } catch {
            return .answered(shaped(error, request))
        }
    }

    /// What was to be waited for.
    func end(_ request: FrontRequest, _ work: @Sendable () async throws -> FrontAnswer) async -> FrontAnswer {
        do { return try await work() } catch { return shaped(error, request) }
    }

    private func shaped(_ error: any Error, _ request: FrontRequest) -> FrontAnswer {
        ErrorMiddleware.shaped(error, path: request.path, logger: logger).frontAnswer
    }
}
