public import Domain

/// What one policy loosens against another: everything that lets a version through which the other would have stopped, or
/// lets it through with less being seen. Monitors, alert routes and retraining are left out: they stop nothing.
public enum PolicyDiff {
    /// One sentence each; empty where nothing is loosened.
    public static func loosened(from old: Policy, to new: Policy) -> [String] {
        var found = Loosenings()
        found.changed("task", old.task.rawValue, new.task.rawValue)
        found.changed("positive_class", old.positiveClass, new.positiveClass)
        found.changed("champion_alias", old.championAlias, new.championAlias)
        found.compare(old.criteria, new.criteria)
        found.changed("approvals.role", old.approvals.role.rawValue, new.approvals.role.rawValue)
        found.least("approvals.count", Double(old.approvals.count), Double(new.approvals.count))
        found.compare(old.rollout, new.rollout)
        found.compare(old.guardrails, new.guardrails)
        found.compare(old.outputBounds, new.outputBounds)
        found.compare(old.validation, new.validation)
        found.compare(old.fallback, new.fallback)
        found.compare(old.record, new.record)
        found.compare(old.signing, new.signing)
        return found.sentences
    }

    /// Whether a criterion asks for at least as much as another of the same metric and data set.
    public static func isAtLeastAsStrict(_ one: MetricCriterion, as other: MetricCriterion) -> Bool {
        var found = Loosenings()
        found.compare(other, one)
        return found.sentences.isEmpty
    }

    /// Whether a figure's criterion asks for at least as much as another of the same name.
    public static func isAtLeastAsStrict(_ one: KPICriterion, as other: KPICriterion) -> Bool {
        var found = Loosenings()
        found.bounds("", old: (other.atLeast, other.atMost), new: (one.atLeast, one.atMost))
        return found.sentences.isEmpty
    }
}

/// Collects the sentences.
struct Loosenings {
    var sentences: [String] = []

    mutating func say(_ sentence: String) { sentences.append(sentence) }

    mutating func changed(_ path: String, _ old: String, _ new: String) {
        if old != new { say("\(path) changes from \(old) to \(new).") }
    }

    /// A bound from below: larger is stricter.
    mutating func least(_ path: String, _ old: Double?, _ new: Double?) {
        guard let old else { return }
        guard let new else { return say("\(path) is removed; it was \(Figures.exact(old)).") }
        if new < old { say("\(path) falls from \(Figures.exact(old)) to \(Figures.exact(new)).") }
    }

    /// A bound from above: smaller is stricter.
    mutating func most(_ path: String, _ old: Double?, _ new: Double?) {
        guard let old else { return }
        guard let new else { return say("\(path) is removed; it was \(Figures.exact(old)).") }
        if new > old { say("\(path) rises from \(Figures.exact(old)) to \(Figures.exact(new)).") }
    }

    mutating func bounds(_ path: String, old: (Double?, Double?), new: (Double?, Double?)) {
        least(path + ".at_least", old.0, new.0)
        most(path + ".at_most", old.1, new.1)
    }

    // MARK: criteria

    mutating func compare(_ old: Criteria, _ new: Criteria) {
        for criterion in old.metrics {
            if let now = new.metrics.first(where: { $0.metric == criterion.metric && $0.dataset == criterion.dataset })
            {
                compare(criterion, now)
            } else {
                say("criteria.metrics.\(criterion.label) is removed.")
            }
        }
        most(
            "criteria.latency.p99_at_most (ms)", old.latency?.p99MillisecondsAtMost, new.latency?.p99MillisecondsAtMost)
        least("criteria.throughput.at_least", old.throughputAtLeast, new.throughputAtLeast)
        least("criteria.availability.at_least", old.availability?.atLeast, new.availability?.atLeast)
        most(
            "criteria.cost.per_thousand_predictions_at_most", old.cost?.perThousandPredictionsAtMost,
            new.cost?.perThousandPredictionsAtMost)
        // A lower price makes every version look cheaper.
        if let price = new.cost?.perCPUHour { least("criteria.cost.per_cpu_hour", old.cost?.perCPUHour, price) }
        for kpi in old.kpis {
            guard let now = new.kpis.first(where: { $0.name == kpi.name }) else {
                say("criteria.kpis.\(kpi.name) is removed.")
                continue
            }
            bounds("criteria.kpis.\(kpi.name)", old: (kpi.atLeast, kpi.atMost), new: (now.atLeast, now.atMost))
        }
        for item in old.documentation where !new.documentation.contains(item) {
            say("criteria.documentation no longer asks for \(item).")
        }
    }

    mutating func compare(_ old: MetricCriterion, _ new: MetricCriterion) {
        let path = "criteria.metrics.\(old.label)"
        bounds(path, old: (old.atLeast, old.atMost), new: (new.atLeast, new.atMost))
        guard let before = old.againstChampion else { return }
        guard let now = new.againstChampion else { return say("\(path).against_champion is removed.") }
        if before.higherIsBetter != now.higherIsBetter { say("\(path).against_champion.better is turned round.") }
        most(path + ".against_champion.worse_by_at_most", before.worseByAtMost, now.worseByAtMost)
    }

    // MARK: rollout

    mutating func compare(_ old: RolloutPlan, _ new: RolloutPlan) {
        most(
            "rollout.evaluation_interval (s)", old.evaluationIntervalSeconds, new.evaluationIntervalSeconds)
        if new.steps.count < old.steps.count {
            say("rollout.steps has \(new.steps.count) steps; there were \(old.steps.count).")
        }
        for (index, (before, now)) in zip(old.steps, new.steps).enumerated() {
            let path = "rollout.steps[\(index)]"
            most(path + ".weight (%)", before.weightPercent ?? 0, now.weightPercent ?? 0)
            least(path + ".duration (s)", before.durationSeconds, now.durationSeconds)
            least(path + ".requests_at_least", Double(before.requestsAtLeast), Double(now.requestsAtLeast))
        }
    }

    mutating func compare(_ old: Guardrails, _ new: Guardrails) {
        most("guardrails.error_rate_at_most", old.errorRateAtMost, new.errorRateAtMost)
        most("guardrails.p99_ratio_to_champion_at_most", old.p99RatioToChampionAtMost, new.p99RatioToChampionAtMost)
        most("guardrails.p99_floor (ms)", old.p99FloorMilliseconds, new.p99FloorMilliseconds)
        most("guardrails.prediction_psi_at_most", old.predictionPSIAtMost, new.predictionPSIAtMost)
        most("guardrails.requests_at_least", Double(old.requestsAtLeast), Double(new.requestsAtLeast))
        for rule in old.quality {
            let path = "guardrails.quality.\(rule.metric)"
            guard let now = new.quality.first(where: { $0.metric == rule.metric }) else {
                say("\(path) is removed.")
                continue
            }
            most(path + ".worse_by_at_most", rule.worseByAtMost, now.worseByAtMost)
            most(path + ".labels_at_least", Double(rule.labelsAtLeast), Double(now.labelsAtLeast))
        }
    }

    // MARK: answers

    mutating func compare(_ old: [OutputBound], _ new: [OutputBound]) {
        for bound in old {
            let path = "output_bounds.\(bound.output)"
            guard let now = new.first(where: { $0.output == bound.output }) else {
                say("\(path) is removed.")
                continue
            }
            least(path + ".minimum", bound.minimum, now.minimum)
            most(path + ".maximum", bound.maximum, now.maximum)
            most(path + ".max_change", bound.maxChange, now.maxChange)
            if bound.finite == true, now.finite != true { say("\(path).finite is turned off.") }
            guard let allowed = bound.allowed else { continue }
            let added = now.allowed.map { Set($0).subtracting(allowed).sorted() }
            if added == nil { say("\(path).allowed is removed.") }
            if let added, !added.isEmpty { say("\(path).allowed adds \(added.joined(separator: ", ")).") }
        }
    }

    mutating func compare(_ old: RecordRule, _ new: RecordRule) {
        func kept(_ rule: RecordRule) -> Double {
            switch rule.mode {
            case .none: 0
            // Even a rate of 1 is not durable before the answer.
            case .sampled: min(rule.sampleRate, 1) * 0.999
            case .all: 1
            }
        }
        if kept(new) < kept(old) { say("record keeps fewer predictions than before.") }
    }

    /// Another signer lets through what the present ones would not have signed.
    mutating func compare(_ old: SigningRule?, _ new: SigningRule?) {
        guard let old, old.isRequired else { return }
        guard let new, new.isRequired else { return say("signing is not required any more.") }
        let (before, now) = (Set(old.publicKeys), Set(new.publicKeys))
        if now.isEmpty != before.isEmpty { return say("signing_keys changes who signs.") }
        let added = now.subtracting(before).count
        if added > 0 { say("signing_keys adds \(added) keys.") }
    }
}

extension MetricCriterion {
    /// `recall@holdout`, or `recall` where no data set is named.
    var label: String { dataset.map { "\(metric)@\($0)" } ?? metric }
}
