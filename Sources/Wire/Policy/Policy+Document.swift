internal import Domain

extension Policy {
    /// The whole policy, defaults written out, with the keys and units of `martlet.yaml`.
    var document: JSONValue {
        var members: [String: JSONValue] = [
            "model": .string(model), "owner": .string(owner), "purpose": .string(purpose),
            "task": .string(task.rawValue),
            "known_limitations": .texts(knownLimitations), "positive_class": .string(positiveClass),
            "champion_alias": .string(championAlias), "criteria": criteria.document,
            "approvals": ["role": .string(approvals.role.rawValue), "count": .int(Int64(approvals.count))],
            "rollout": rollout.document, "guardrails": guardrails.document, "monitors": monitors.document,
            "output_bounds": .array(
                outputBounds.map { bound in
                    .present([
                        "output": .string(bound.output), "minimum": .number(bound.minimum),
                        "maximum": .number(bound.maximum),
                        "allowed": bound.allowed.map { .texts($0) },
                        "max_change": .number(bound.maxChange), "finite": bound.finite.map { .bool($0) },
                    ])
                }),
            "record": ["mode": .string(record.mode.rawValue), "sample_rate": .double(record.sampleRate)],
            "alerts": ["webhooks": .texts(alerts.webhooks)],
        ]
        if let circuitBreaker { members["circuit_breaker"] = circuitBreaker.document }
        if let serving { members["serving"] = serving.document }
        if let fallback { members["fallback"] = fallback.document }
        if let validation { members["validation"] = validation.document }
        if let batching {
            members["batching"] = [
                "max_rows": .int(Int64(batching.maxRows)),
                "max_delay": .duration(batching.maxDelay / .seconds(1)),
            ]
        }
        if let team { members["team"] = .string(team) }
        if let signing {
            members["signing"] = .string(signing.isRequired ? "required" : "optional")
            if !signing.publicKeys.isEmpty { members["signing_keys"] = .texts(signing.publicKeys) }
        }
        if let retraining { members["retraining"] = retraining.document }
        return .object(members)
    }
}

extension Criteria {
    fileprivate var document: JSONValue {
        let metrics = metrics.map { criterion in
            JSONValue.present([
                "metric": .string(criterion.metric), "dataset": criterion.dataset.map { .string($0) },
                "at_least": .number(criterion.atLeast), "at_most": .number(criterion.atMost),
                "against_champion": criterion.againstChampion.map { comparison in
                    [
                        "better": .string(comparison.higherIsBetter ? "higher" : "lower"),
                        "worse_by_at_most": .double(comparison.worseByAtMost),
                    ]
                },
            ])
        }
        let kpis = kpis.map { kpi in
            JSONValue.present([
                "name": .string(kpi.name), "at_least": .number(kpi.atLeast), "at_most": .number(kpi.atMost),
            ])
        }
        return .present([
            "metrics": .array(metrics), "kpis": .array(kpis), "documentation": .texts(documentation),
            "latency": latency.map { ["p99_at_most": .duration($0.p99MillisecondsAtMost / 1000)] },
            "throughput": throughputAtLeast.map { ["at_least": .double($0)] },
            "availability": availability.map { ["at_least": .double($0.atLeast)] },
            "cost": cost.map { cost in
                [
                    "per_thousand_predictions_at_most": .double(cost.perThousandPredictionsAtMost),
                    "per_cpu_hour": .double(cost.perCPUHour),
                ]
            },
        ])
    }
}

extension RolloutPlan {
    fileprivate var document: JSONValue {
        let steps = steps.map { step in
            JSONValue.present([
                "shadow": step.isShadow ? true : nil,
                "weight": step.weightPercent.map { .string(PolicyNumber.text($0) + "%") },
                "duration": .duration(step.durationSeconds), "requests_at_least": .int(Int64(step.requestsAtLeast)),
            ])
        }
        return ["evaluation_interval": .duration(evaluationIntervalSeconds), "steps": .array(steps)]
    }
}

extension Guardrails {
    fileprivate var document: JSONValue {
        [
            "error_rate_at_most": .number(errorRateAtMost) ?? .null,
            "p99_ratio_to_champion_at_most": .number(p99RatioToChampionAtMost) ?? .null,
            "p99_floor": .duration(p99FloorMilliseconds / 1000),
            "prediction_psi_at_most": .number(predictionPSIAtMost) ?? .null,
            "requests_at_least": .int(Int64(requestsAtLeast)),
            "quality": .array(
                quality.map { rule in
                    [
                        "metric": .string(rule.metric), "worse_by_at_most": .double(rule.worseByAtMost),
                        "labels_at_least": .int(Int64(rule.labelsAtLeast)),
                    ]
                }),
        ]
    }
}

extension Monitors {
    fileprivate var document: JSONValue {
        let quality = quality.map { monitor in
            JSONValue.present([
                "metric": .string(monitor.metric), "at_least": .number(monitor.atLeast),
                "at_most": .number(monitor.atMost), "labels_at_least": .int(Int64(monitor.labelsAtLeast)),
            ])
        }
        return [
            "window": .duration(windowSeconds), "rows_at_least": .int(Int64(rowsAtLeast)),
            "windows_to_fire": .int(Int64(windowsToFire)),
            "missing_share_above_reference_at_most": .number(missingShareAboveReferenceAtMost) ?? .null,
            "out_of_range_share_at_most": .number(outOfRangeShareAtMost) ?? .null,
            "drift": [
                "enabled": .bool(drift.isEnabled), "psi_at_least": .double(drift.psiAtLeast),
                "significance": .double(drift.significance), "ignore": .texts(drift.ignore),
                "prediction": .bool(drift.prediction),
            ],
            "quality": .array(quality),
        ]
    }
}

extension RetrainingRule {
    fileprivate var document: JSONValue {
        .present([
            "command": .texts(command), "on_alert": .bool(onAlert), "schedule": schedule.map { .string($0) },
            "timeout": .duration(timeoutSeconds), "memory": .string(PolicyNumber.memory(memoryBytesMax)),
            "cooldown": .duration(cooldownSeconds),
        ])
    }
}

extension JSONValue {
    static func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    static func duration(_ seconds: Double) -> JSONValue { .string(PolicyNumber.duration(seconds)) }
    static func number(_ value: Double?) -> JSONValue? { value.map { .double($0) } }
    /// An object of the members that are there.
    static func present(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues { $0 })
    }
}
