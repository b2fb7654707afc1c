import Domain
import Lifecycle
import Testing

@Suite("What a policy loosens")
struct PolicyDiffTests {
    private static let base: Policy = {
        var policy = Policy(model: "wear", owner: "o", purpose: "p", task: .binaryClassification)
        policy.criteria.metrics = [
            MetricCriterion(
                metric: "recall", dataset: "holdout", atLeast: 0.8,
                againstChampion: ChampionComparison(higherIsBetter: true, worseByAtMost: 0.02)),
            MetricCriterion(metric: "loss", atMost: 0.3),
        ]
        policy.criteria.latency = LatencyCriterion(p99MillisecondsAtMost: 20)
        policy.criteria.throughputAtLeast = 100
        policy.criteria.availability = AvailabilityCriterion(atLeast: 0.999)
        policy.criteria.cost = CostCriterion(perThousandPredictionsAtMost: 0.1, perCPUHour: 0.05)
        policy.criteria.kpis = [KPICriterion(name: "saved", atLeast: 10)]
        policy.criteria.documentation = ["description"]
        policy.approvals.count = 2
        policy.guardrails.quality = [QualityGuardrail(metric: "f1", worseByAtMost: 0.05, labelsAtLeast: 100)]
        policy.outputBounds = [
            OutputBound(output: "y", minimum: 0, maximum: 1, allowed: ["0", "1"], maxChange: 0.5, finite: true)
        ]
        policy.fallback = FallbackPlan()
        policy.fallback?.rules = [FallbackRule(answer: [.init(output: "y", values: ["0"])])]
        var validation = InputValidation()
        validation.action = .clip
        validation.missing = .flag
        validation.features = [
            .init(name: "t", action: .reject, minimum: 0), .init(name: "c", allowed: ["x"]), .init(name: "u"),
        ]
        policy.validation = validation
        policy.record.mode = .all
        policy.signing = SigningRule(isRequired: true, publicKeys: ["k"])
        return policy
    }()

    /// Each change, and a part of the sentence that must name it.
    private static let loosenings: [(@Sendable (inout Policy) -> Void, String)] = [
        ({ $0.criteria.metrics.removeFirst() }, "criteria.metrics.recall@holdout is removed"),
        ({ $0.criteria.metrics[0].dataset = "training" }, "criteria.metrics.recall@holdout is removed"),
        ({ $0.criteria.metrics[0].atLeast = 0.79999 }, "falls from 0.8 to 0.79999"),
        ({ $0.criteria.metrics[0].atLeast = nil }, "is removed; it was 0.8"),
        ({ $0.criteria.metrics[0].againstChampion = nil }, "against_champion is removed"),
        ({ $0.criteria.metrics[0].againstChampion?.worseByAtMost = 0.03 }, "rises from 0.02 to 0.03"),
        ({ $0.criteria.metrics[0].againstChampion?.higherIsBetter = false }, "turned round"),
        ({ $0.criteria.metrics[1].atMost = 0.31 }, "loss.at_most rises"),
        ({ $0.criteria.latency = nil }, "latency"), ({ $0.criteria.latency?.p99MillisecondsAtMost = 21 }, "latency"),
        ({ $0.criteria.throughputAtLeast = 99 }, "throughput"), ({ $0.criteria.availability = nil }, "availability"),
        ({ $0.criteria.cost = nil }, "cost"), ({ $0.criteria.cost?.perCPUHour = 0.01 }, "per_cpu_hour"),
        ({ $0.criteria.kpis = [] }, "kpis.saved is removed"), ({ $0.criteria.kpis[0].atLeast = 9 }, "kpis.saved"),
        ({ $0.criteria.documentation = [] }, "description"), ({ $0.approvals.count = 1 }, "approvals.count"),
        ({ $0.approvals.role = .contributor }, "approvals.role"), ({ $0.rollout.steps.removeLast() }, "2 steps"),
        ({ $0.rollout.steps[1].weightPercent = 20 }, "rollout.steps[1].weight"),
        ({ $0.rollout.steps[0].weightPercent = 1 }, "rollout.steps[0].weight"),
        ({ $0.rollout.steps[1].durationSeconds = 1 }, "rollout.steps[1].duration"),
        ({ $0.rollout.steps[1].requestsAtLeast = 1 }, "rollout.steps[1].requests"),
        ({ $0.rollout.evaluationIntervalSeconds = 60 }, "evaluation_interval"),
        ({ $0.guardrails.errorRateAtMost = nil }, "error_rate"),
        ({ $0.guardrails.p99RatioToChampionAtMost = 3 }, "p99_ratio"),
        ({ $0.guardrails.p99FloorMilliseconds = 6 }, "p99_floor"),
        ({ $0.guardrails.predictionPSIAtMost = 0.3 }, "prediction_psi"),
        ({ $0.guardrails.requestsAtLeast = 51 }, "guardrails.requests"),
        ({ $0.guardrails.quality = [] }, "guardrails.quality.f1 is removed"),
        ({ $0.guardrails.quality[0].labelsAtLeast = 200 }, "labels_at_least"),
        ({ $0.outputBounds = [] }, "output_bounds.y is removed"), ({ $0.outputBounds[0].maximum = 2 }, "maximum"),
        ({ $0.outputBounds[0].allowed = ["0", "1", "2"] }, "adds 2"),
        ({ $0.outputBounds[0].allowed = nil }, "allowed is removed"),
        ({ $0.outputBounds[0].maxChange = 1 }, "y.max_change rises"),
        ({ $0.outputBounds[0].finite = false }, "y.finite is turned off"),
        ({ $0.fallback?.rules[0].answer[0].values = ["1"] }, "answered without a model"),
        ({ $0.validation = nil }, "validation is removed"),
        ({ $0.validation?.action = .flag }, "validation.action changes from clip to flag"),
        ({ $0.validation?.missing = .accept }, "validation.missing changes"),
        ({ $0.validation?.usesReference = false }, "validation.reference is turned off"),
        ({ $0.validation?.margin = 0.1 }, "validation.margin rises"),
        ({ $0.validation?.features[0].action = .flag }, "features.t.action changes from reject to flag"),
        ({ $0.validation?.features[0].minimum = -1 }, "features.t.minimum widens from 0 to -1"),
        ({ $0.validation?.features[0].minimum = nil }, "features.t.minimum is removed"),
        ({ $0.validation?.features[1].allowed = ["x", "y"] }, "features.c.allowed adds y"),
        ({ $0.validation?.features[2].maximum = 9 }, "in place of the training data's"),
        ({ $0.validation?.features[2].margin = 0.5 }, "features.u.margin rises"),
        (
            {
                $0.record.mode = .sampled; $0.record.sampleRate = 1
            }, "record"
        ), ({ $0.record.mode = .none }, "record"),
        ({ $0.task = .regression }, "task"), ({ $0.positiveClass = "yes" }, "positive_class"),
        ({ $0.championAlias = "prod" }, "champion_alias"),
        ({ $0.signing = nil }, "signing is not required"),
        ({ $0.signing?.isRequired = false }, "signing is not required"),
        ({ $0.signing?.publicKeys.append("l") }, "signing_keys adds 1"),
        ({ $0.signing?.publicKeys = [] }, "signing_keys changes who signs"),
    ]

    @Test("every way to ask for less gives one sentence that names it", arguments: loosenings.indices)
    func loosened(index: Int) {
        let (change, words) = Self.loosenings[index]
        var changed = Self.base
        change(&changed)
        let found = PolicyDiff.loosened(from: Self.base, to: changed)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(words) == true, "\(found)")
    }

    /// The way back asks for more, but where no direction is stricter.
    @Test("asking for more, or changing what stops nothing, loosens nothing", arguments: loosenings.indices)
    func tightened(index: Int) {
        let (change, words) = Self.loosenings[index]
        let hasNoDirection = [
            "task", "positive_class", "champion_alias", "approvals.role", "turned round",
            "signing_keys changes who signs", "features.t.minimum is removed", "in place of the training data's",
            "answered without a model",
        ].contains(words)
        // Naming another data set removes one criterion and adds one, whichever way round.
        guard !hasNoDirection, index != 1 else { return }
        var looser = Self.base
        change(&looser)
        #expect(PolicyDiff.loosened(from: looser, to: Self.base) == [])
    }

    @Test("words, monitors, routes and retraining loosen nothing")
    func free() {
        var changed = Self.base
        changed.owner = "another"
        changed.fallback = nil
        changed.knownLimitations = ["none"]
        changed.monitors.windowSeconds = 9
        changed.alerts.webhooks = ["https://example.org/x"]
        changed.retraining = RetrainingRule(command: ["train"])
        #expect(PolicyDiff.loosened(from: Self.base, to: changed) == [])
    }
}
