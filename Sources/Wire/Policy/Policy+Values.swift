internal import Domain

extension Policy {
    /// From the checked values of a document; nil where a required key is absent.
    init?(values: [String: JSONValue]) {
        guard let model = values["model"]?.stringValue, let owner = values["owner"]?.stringValue,
            let purpose = values["purpose"]?.stringValue,
            let task = values["task"]?.stringValue.flatMap(ModelTask.init(rawValue:))
        else { return nil }
        self.init(model: model, owner: owner, purpose: purpose, task: task)
        team = values["team"]?.stringValue
        knownLimitations = values["known_limitations"]?.texts ?? []
        take(values["positive_class"]?.stringValue, \.positiveClass)
        take(values["champion_alias"]?.stringValue, \.championAlias)
        criteria = Criteria(values["criteria"])
        take(values["approvals"]?["role"]?.stringValue.flatMap(Role.init(rawValue:)), \.approvals.role)
        take(values["approvals"]?["count"]?.int, \.approvals.count)
        takeRollout(values["rollout"])
        takeGuardrails(values["guardrails"])
        takeMonitors(values["monitors"])
        outputBounds =
            values["output_bounds"]?.arrayValue?.map { bound in
                OutputBound(
                    output: bound["output"]?.stringValue ?? "", minimum: bound["minimum"]?.doubleValue,
                    maximum: bound["maximum"]?.doubleValue, allowed: bound["allowed"]?.texts,
                    maxChange: bound["max_change"]?.doubleValue, finite: bound["finite"]?.boolValue)
            } ?? []
        validation = values["validation"].map(InputValidation.init(values:))
        fallback = values["fallback"].map(FallbackPlan.init(values:))
        circuitBreaker = values["circuit_breaker"].map(CircuitBreakerRule.init(values:))
        serving = values["serving"].map(ServingLimits.init(values:))
        take(values["record"]?["mode"]?.stringValue.flatMap(RecordRule.Mode.init(rawValue:)), \.record.mode)
        take(values["record"]?["sample_rate"]?.doubleValue, \.record.sampleRate)
        batching = values["batching"]?["max_rows"]?.int.map { rows in
            let seconds = values["batching"]?["max_delay"]?.doubleValue ?? 0
            return BatchingRule(maxRows: rows, maxDelay: .seconds(seconds))
        }
        alerts.webhooks = values["alerts"]?["webhooks"]?.texts ?? []
        retraining = values["retraining"].flatMap(RetrainingRule.init(values:))
        let keys = values["signing_keys"]?.texts ?? []
        let isRequired = values["signing"]?.stringValue == "required"
        if isRequired || !keys.isEmpty { signing = SigningRule(isRequired: isRequired, publicKeys: keys) }
    }

    private mutating func take<Value>(_ value: Value?, _ field: WritableKeyPath<Policy, Value>) {
        if let value { self[keyPath: field] = value }
    }

    /// `off` (null) and absent differ: the one takes the guardrail away, the other leaves the default.
    private mutating func takeSwitchable(_ value: JSONValue?, _ field: WritableKeyPath<Policy, Double?>) {
        if let value { self[keyPath: field] = value.doubleValue }
    }

    private mutating func takeRollout(_ value: JSONValue?) {
        take(value?["evaluation_interval"]?.doubleValue, \.rollout.evaluationIntervalSeconds)
        let steps = value?["steps"]?.arrayValue?.map { step in
            RolloutPlan.Step(
                weightPercent: step["weight"]?.doubleValue, durationSeconds: step["duration"]?.doubleValue ?? 0,
                requestsAtLeast: step["requests_at_least"]?.int ?? 0)
        }
        take(steps, \.rollout.steps)
    }

    private mutating func takeGuardrails(_ value: JSONValue?) {
        takeSwitchable(value?["error_rate_at_most"], \.guardrails.errorRateAtMost)
        takeSwitchable(value?["p99_ratio_to_champion_at_most"], \.guardrails.p99RatioToChampionAtMost)
        take(value?["p99_floor"]?.doubleValue.map { $0 * 1000 }, \.guardrails.p99FloorMilliseconds)
        takeSwitchable(value?["prediction_psi_at_most"], \.guardrails.predictionPSIAtMost)
        take(value?["requests_at_least"]?.int, \.guardrails.requestsAtLeast)
        guardrails.quality =
            value?["quality"]?.arrayValue?.map { item in
                QualityGuardrail(
                    metric: item["metric"]?.stringValue ?? "",
                    worseByAtMost: item["worse_by_at_most"]?.doubleValue ?? 0,
                    labelsAtLeast: item["labels_at_least"]?.int ?? 100)
            } ?? []
    }

    private mutating func takeMonitors(_ value: JSONValue?) {
        take(value?["window"]?.doubleValue, \.monitors.windowSeconds)
        take(value?["rows_at_least"]?.int, \.monitors.rowsAtLeast)
        take(value?["windows_to_fire"]?.int, \.monitors.windowsToFire)
        takeSwitchable(value?["missing_share_above_reference_at_most"], \.monitors.missingShareAboveReferenceAtMost)
        takeSwitchable(value?["out_of_range_share_at_most"], \.monitors.outOfRangeShareAtMost)
        let drift = value?["drift"]
        take(drift?["enabled"]?.boolValue, \.monitors.drift.isEnabled)
        take(drift?["psi_at_least"]?.doubleValue, \.monitors.drift.psiAtLeast)
        take(drift?["significance"]?.doubleValue, \.monitors.drift.significance)
        take(drift?["ignore"]?.texts, \.monitors.drift.ignore)
        take(drift?["prediction"]?.boolValue, \.monitors.drift.prediction)
        monitors.quality =
            value?["quality"]?.arrayValue?.map { item in
                QualityMonitor(
                    metric: item["metric"]?.stringValue ?? "", atLeast: item["at_least"]?.doubleValue,
                    atMost: item["at_most"]?.doubleValue, labelsAtLeast: item["labels_at_least"]?.int ?? 100)
            } ?? []
    }
}

extension Criteria {
    init(_ value: JSONValue?) {
        self.init()
        metrics =
            value?["metrics"]?.arrayValue?.map { item in
                let comparison = item["against_champion"].map { against in
                    ChampionComparison(
                        higherIsBetter: against["better"]?.stringValue == "higher",
                        worseByAtMost: against["worse_by_at_most"]?.doubleValue ?? 0)
                }
                return MetricCriterion(
                    metric: item["metric"]?.stringValue ?? "", dataset: item["dataset"]?.stringValue,
                    atLeast: item["at_least"]?.doubleValue, atMost: item["at_most"]?.doubleValue,
                    againstChampion: comparison)
            } ?? []
        latency = value?["latency"]?["p99_at_most"]?.doubleValue.map {
            LatencyCriterion(p99MillisecondsAtMost: $0 * 1000)
        }
        throughputAtLeast = value?["throughput"]?["at_least"]?.doubleValue
        availability = value?["availability"]?["at_least"]?.doubleValue.map(AvailabilityCriterion.init(atLeast:))
        if let cost = value?["cost"], let most = cost["per_thousand_predictions_at_most"]?.doubleValue,
            let price = cost["per_cpu_hour"]?.doubleValue
        {
            self.cost = CostCriterion(perThousandPredictionsAtMost: most, perCPUHour: price)
        }
        kpis =
            value?["kpis"]?.arrayValue?.map { item in
                KPICriterion(
                    name: item["name"]?.stringValue ?? "", atLeast: item["at_least"]?.doubleValue,
                    atMost: item["at_most"]?.doubleValue)
            } ?? []
        documentation = value?["documentation"]?.texts ?? []
    }
}

extension RetrainingRule {
    init?(values: JSONValue) {
        guard let command = values["command"]?.texts, !command.isEmpty else { return nil }
        self.init(command: command)
        if let value = values["on_alert"]?.boolValue { onAlert = value }
        schedule = values["schedule"]?.stringValue
        if let value = values["timeout"]?.doubleValue { timeoutSeconds = value }
        if let value = values["memory"]?.int { memoryBytesMax = value }
        if let value = values["cooldown"]?.doubleValue { cooldownSeconds = value }
    }
}

extension JSONValue {
    var texts: [String]? { arrayValue?.compactMap(\.stringValue) }
    var int: Int? { intValue.map { Int($0) } }
}
