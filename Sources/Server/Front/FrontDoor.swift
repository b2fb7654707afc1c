internal import Domain
internal import Foundation
internal import Logging

/// Decides which plain requests the front answers: those to its calls, by somebody who is known already. All others take the way
/// through the HTTP server, its middleware and its routes, which also makes the refusals.
struct FrontDoor: Sendable {
    enum Knowing: Sendable {
        /// `--dev`.
        case everyone
        case keys(Authenticator)
    }

    let calls: FrontCalls
    let knowing: Knowing
    /// What bodies that are not small take from.
    let budget: BodyBudget
    let isSecure: Bool
    let logger: Logger

    /// What came last on a connection: mostly the next request has the same head, or at least the same key.
    struct Memory {
        /// Bytes of a head that is remembered.
        fileprivate static let headBytesMax = 1024

        fileprivate var header = ""
        fileprivate var proof: Authenticator.Proof?
        fileprivate var head: [UInt8] = []
        fileprivate var admission: Admission?
    }

    final class Admission: Sendable {
        let head: PlainHead
        let call: FrontCall
        let target: FrontInference.Target?
        let principal: Principal

        fileprivate init(head: PlainHead, call: FrontCall, target: FrontInference.Target?, principal: Principal) {
            self.head = head
            self.call = call
            self.target = target
            self.principal = principal
        }
    }

    /// The admission of the last head, where these bytes begin with the same one and its key still holds.
    func admitAgain(_ bytes: UnsafeRawBufferPointer, _ memory: Memory) -> Admission? {
        guard let admission = memory.admission, bytes.count >= memory.head.count, let start = bytes.baseAddress,
            memory.head.withUnsafeBytes({ head in head.baseAddress.map { memcmp($0, start, head.count) } }) == 0
        else { return nil }
        switch knowing {
        case .everyone: return admission
        case .keys(let authenticator):
            guard let proof = memory.proof, authenticator.holds(proof) else { return nil }
            return admission
        }
    }

    /// - Parameter bytes: begin with the head.
    /// - Returns: nil for what is not the front's.
    func admit(_ head: PlainHead, _ bytes: UnsafeRawBufferPointer, _ memory: inout Memory) -> Admission? {
        let admission = admit(head, &memory)
        memory.admission = head.headBytes <= Memory.headBytesMax ? admission : nil
        memory.head = memory.admission == nil ? [] : Array(bytes[..<head.headBytes])
        return admission
    }

    private func admit(_ head: PlainHead, _ memory: inout Memory) -> Admission? {
        guard !head.hasFieldsOfRoutes, let (call, target) = calls.call(head), head.bodyBytes <= call.bodyBytesMax
        else { return nil }
        // A page elsewhere cannot send that field without asking first, as it cannot send JSON.
        let isRaw = call.takesRawTensors && head.inferenceHeaderLength != nil
        if head.method == .post, !isRaw {
            guard let type = head.contentType, Self.isJSON(type) else { return nil }
        }
        guard let principal = principal(head, &memory) else { return nil }
        return Admission(head: head, call: call, target: target, principal: principal)
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
            memory.header = header
            memory.proof = proof
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
