internal import Domain
internal import Inference

extension DataPlane {
    /// The chosen variant's answer, or that of what stands in for it: for a candidate the champion; for the champion, where the policy
    /// has it so, the champion before and at last the policy's rules.
    func answer(_ routed: RoutedRequest) async throws -> InferenceResponse {
        guard routed.mayFallBack, let champion = routed.endpoint?.champion else {
            do {
                // On the event loop it has been tried already.
                if let failure = routed.failure { throw failure }
                return try await answer(routed.call(routed.variant))
            } catch let error as MartletError where routed.isStoodInFor(after: error) {
                return try await standIn(routed, after: error, for: Fallback.Reason(error))
            }
        }
        do {
            return try await answer(routed.call(routed.variant), refusalsObservedBy: .caller)
        } catch let error as MartletError where error.code.isServersFault && !error.isCallersDeadline {
            return try await answer(routed, by: champion, for: Fallback.Reason(error))
        } catch let error as MartletError where routed.isStoodInFor(after: error) {
            return try await standIn(routed, after: error, for: Fallback.Reason(error))
        } catch let error as MartletError where error.isModelRefusal {
            // Values that the champion computes and the candidate refuses are the candidate's failure; those that both refuse are
            // the caller's.
            let candidate = try routed.call(routed.variant)
            do {
                let response = try await answer(routed, by: champion, for: .modelRefusal)
                observe(candidate, seal(candidate), [], failure: .internal)
                return response
            } catch let refusal as MartletError where refusal.isModelRefusal {
                observe(candidate, seal(candidate), [], failure: .invalidArgument)
                throw refusal
            }
        }
    }

    /// The champion in a candidate's place.
    private func answer(
        _ routed: RoutedRequest, by champion: Variant, for reason: Fallback.Reason
    ) async throws -> InferenceResponse {
        do {
            let response = try await answer(routed.call(champion))
            return marked(response, Fallback(reason: reason, servedBy: .champion))
        } catch let error as MartletError where routed.isStoodInFor(after: error) {
            return try await standIn(routed, after: error, for: reason)
        }
    }

    /// What the policy has answer where neither candidate nor champion does.
    ///
    /// - Parameter failure: why not; thrown where nothing else answers either.
    private func standIn(
        _ routed: RoutedRequest, after failure: MartletError, for reason: Fallback.Reason
    ) async throws -> InferenceResponse {
        // Whose caller waits no longer has no time for another model.
        if !failure.isCallersDeadline, let previous = routed.previousCall {
            do {
                return marked(try await answer(previous), Fallback(reason: reason, servedBy: .previous))
            } catch {
                // Its own failure is in its statistics; the caller is told the champion's.
            }
        }
        guard let rules = routed.endpoint?.fallback?.rules, !rules.isEmpty else { throw failure }
        do {
            let response = try await answer(routed, by: rules)
            return marked(response, Fallback(reason: reason, servedBy: .rule))
        } catch let error as MartletError where error.code == .failedPrecondition {
            var explained = failure
            explained.message += " The policy's fallback cannot answer: \(error.message)"
            throw explained
        }
    }

    private func answer(_ routed: RoutedRequest, by rules: [FallbackRule]) async throws -> InferenceResponse {
        // Any version tells how the outputs are to look; the chosen one first.
        let known = routed.knownModel
        let rule = RuleAnswer(
            rules: rules, outputs: known?.metadata.outputs ?? [],
            layout: known?.layout ?? ObservationLayout(columns: []))
        let outputs = try rule.answer(routed.request)
        let id = seal(version: 0, endpoint: routed.endpoint)
        try await recordRule(routed, id.id, outputs)
        return InferenceResponse(
            model: routed.model, version: 0, id: routed.request.id, predictionID: id.id, outputs: outputs)
    }

    private func marked(_ response: InferenceResponse, _ fallback: Fallback) -> InferenceResponse {
        counters.count(fallback.servedBy)
        var response = response
        response.fallback = fallback
        return response
    }
}

extension RoutedRequest {
    /// Whether the policy may have something stand in for the endpoint's models after this.
    func isStoodInFor(after error: MartletError) -> Bool {
        guard variant != nil, error.code.isServersFault, let plan = endpoint?.fallback else { return false }
        return plan.usesPrevious || !plan.rules.isEmpty
    }

    /// The request on its way through the champion before the present one; nil where the policy does not have it asked, or there is none.
    var previousCall: Call? {
        guard let endpoint, endpoint.fallback?.usesPrevious == true, let previous = endpoint.previousChampion,
            previous != endpoint.champion?.version, previous != variant?.version,
            let model = routes.models[ModelVersionID(model: endpoint.name, version: previous)]
        else { return nil }
        // Recorded as the champion's, in whose place it is; no evidence for or against a version that the endpoint no longer names.
        return Call(
            endpoint: endpoint, name: endpoint.name, model: model, role: .champion, isObserved: false, request: request,
            start: start)
    }

    /// A loaded version of the endpoint: the chosen one, the champion, any other variant or the champion before.
    var knownModel: LoadedModel? {
        guard let endpoint else { return nil }
        let versions =
            [variant?.version, endpoint.champion?.version].compactMap { $0 } + endpoint.variants.map(\.version)
            + [endpoint.previousChampion].compactMap { $0 }
        return versions.lazy.compactMap { routes.models[ModelVersionID(model: endpoint.name, version: $0)] }.first
    }
}

extension Fallback.Reason {
    init(_ error: MartletError) {
        self =
            switch error.code {
            case .deadlineExceeded: .deadline
            case .unavailable: error.cause is CircuitOpen ? .circuitOpen : .unavailable
            default: error.cause is BoundBreach ? .outputBound : .modelFailure
            }
    }
}
