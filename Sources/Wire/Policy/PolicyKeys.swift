/// Every key of `martlet.yaml`.
enum PolicyKeys {
    static let name = PolicyField.Kind.text(max: 250)
    static let prose = PolicyField.Kind.text(max: 10_000)
    static let anyNumber = PolicyField.Kind.number(-1e12...1e12)
    /// Metrics that feedback gives.
    static let qualityMetrics = ["accuracy", "precision", "recall", "f1", "roc_auc", "rmse", "mae", "r2"]

    static let root: [PolicyField] = [
        PolicyField("model", name, required: true, "The registered model that this governs; also its endpoint's name."),
        PolicyField("owner", name, required: true, "The person who answers for the model."),
        PolicyField("purpose", prose, required: true, "What the model decides, and for whom."),
        PolicyField(
            "task", .choice(["binary-classification", "multiclass-classification", "regression"]), required: true,
            "What the model predicts."),
        PolicyField("team", name, "The responsible team."),
        PolicyField(
            "known_limitations", .texts(itemsMax: 50, charactersMax: 2000), "Where the model should not be used."),
        PolicyField(
            "positive_class", .text(max: 250), "For binary classification: the positive class, as text. Default \"1\"."),
        PolicyField(
            "champion_alias", .text(max: 250),
            "The alias of the version in production, moved by rollouts alone. Default champion."),
        PolicyField(
            "criteria", .section(criteria), "What every version must meet, with evidence, before it is approved."),
        PolicyField("approvals", .section(approvals), "Who must agree. Never an author of run, version or policy."),
        PolicyField("rollout", .section(rollout), "The steps by which a version takes over."),
        PolicyField("guardrails", .section(guardrails), "Live conditions; a broken one rolls back."),
        PolicyField("monitors", .section(monitors), "Standing questions to live traffic."),
        PolicyField(
            "output_bounds", .list(of: outputBound, itemsMax: 50), "What must be true of an output before it leaves."),
        PolicyField(
            "validation", .section(validation), "What is done with inputs that lie outside what the model knows."),
        PolicyField("fallback", .section(fallback), "What answers where a model that should has no answer."),
        PolicyField(
            "circuit_breaker", .section(circuitBreaker), "When a version that fails is left alone for a while."),
        PolicyField("serving", .section(serving), "How much of a server the endpoint may take."),
        PolicyField("record", .section(record), "Whether inputs and outputs of predictions are kept."),
        PolicyField(
            "batching", .section(batching),
            "Requests that wait for the model are answered by one run. For models whose rows do not depend on each other."
        ),
        PolicyField("alerts", .section(alerts), "Where alerts go."),
        PolicyField("retraining", .section(retraining), "How the model is trained anew."),
        PolicyField(
            "signing", .choice(["optional", "required"]),
            "required: nothing unsigned is prepared, rolled out or loaded. Default optional."),
        PolicyField(
            "signing_keys", .texts(itemsMax: 20, charactersMax: 2000),
            "Public keys (PEM, ECDSA) whose signatures count. Default the server's own."),
    ]

    static let criteria: [PolicyField] = [
        PolicyField("metrics", .list(of: metric, itemsMax: 100), "Thresholds on logged metrics."),
        PolicyField(
            "latency",
            .section([
                PolicyField(
                    "p99_at_most", .duration(0.000_01...3600), required: true, "99th percentile of one-row requests.")
            ]), "Latency, measured by Martlet through its own data plane."),
        PolicyField(
            "throughput",
            .section([
                PolicyField("at_least", .number(0.001...1e9), required: true, "Requests a second.")
            ]), "Throughput, measured by Martlet through its own data plane."),
        PolicyField(
            "availability",
            .section([
                PolicyField("at_least", .share, required: true, "Share of requests answered without a server's error.")
            ]), "Availability of the version."),
        PolicyField(
            "cost",
            .section([
                PolicyField(
                    "per_thousand_predictions_at_most", .number(0...1e9), required: true,
                    "In a currency of your choice."),
                PolicyField(
                    "per_cpu_hour", .number(0...1e6), required: true,
                    "Price of one processor for one hour, same currency."),
            ]), "Cost of compute, from measured processor time."),
        PolicyField("kpis", .list(of: kpi, itemsMax: 50), "Business figures."),
        PolicyField(
            "documentation", .texts(itemsMax: 50, charactersMax: 250),
            "Tags of the version or its run, or `description`, that must be there and not empty."),
    ]

    static let metric: [PolicyField] = [
        PolicyField("metric", name, required: true, "As logged with MLflow."),
        PolicyField(
            "dataset", .text(max: 500), "The dataset name that it was logged with; left out, the run's plain metric."),
        PolicyField("at_least", anyNumber, "Least value."),
        PolicyField("at_most", anyNumber, "Largest value."),
        PolicyField(
            "against_champion",
            .section([
                PolicyField("better", .choice(["higher", "lower"]), required: true, "Which direction is better."),
                PolicyField(
                    "worse_by_at_most", anyNumber, required: true,
                    "How much worse is still accepted, in the metric's unit; negative demands an improvement."),
            ]), "Comparison with the champion's value; met where there is no champion."),
    ]

    static let kpi: [PolicyField] = [
        PolicyField("name", name, required: true, "Logged as the metric `kpi.<name>`, or sent with feedback."),
        PolicyField("at_least", anyNumber, "Least value."),
        PolicyField("at_most", anyNumber, "Largest value."),
    ]

    static let approvals: [PolicyField] = [
        PolicyField(
            "role", .choice(["approver", "operator", "administrator"]), "The role that must agree. Default approver."),
        PolicyField("count", .integer(1...10), "How many different principals. Default 1."),
    ]

    static let rollout: [PolicyField] = [
        PolicyField(
            "evaluation_interval", .duration(1...3600), "How often guardrails are judged. Default 10s."),
        PolicyField(
            "steps", .list(of: step, itemsMax: 20), "Default: shadow, 10 %, 50 %. An empty list promotes at once."),
    ]

    static let step: [PolicyField] = [
        PolicyField("shadow", .boolean, "true: copies of requests, whose answers never leave."),
        PolicyField("weight", .weight, "Share of traffic."),
        PolicyField("duration", .duration(0...2_592_000), required: true, "The least time on this step."),
        PolicyField(
            "requests_at_least", .integer(0...1_000_000_000), "The candidate's answers before it may end. Default 0."),
    ]

    static let guardrails: [PolicyField] = [
        PolicyField("error_rate_at_most", .share, canBeOff: true, "Share of failed requests. Default 1%."),
        PolicyField(
            "p99_ratio_to_champion_at_most", .number(1...1000), canBeOff: true,
            "Latency over the champion's. Default 2."),
        PolicyField("p99_floor", .duration(0...60), "Latency below this never breaks the ratio. Default 5ms."),
        PolicyField(
            "prediction_psi_at_most", .number(0...100), canBeOff: true,
            "PSI between candidate's and champion's predictions. Default 0.25."),
        PolicyField(
            "quality",
            .list(
                of: [
                    PolicyField("metric", .choice(qualityMetrics), required: true, "A metric from feedback."),
                    PolicyField(
                        "worse_by_at_most", .number(0...1e12), required: true,
                        "How far behind the champion is accepted."),
                    PolicyField(
                        "labels_at_least", .integer(1...10_000_000), "Labelled rows of each side. Default 100."),
                ], itemsMax: 20), "Live quality against the champion."),
        PolicyField(
            "requests_at_least", .integer(1...10_000_000),
            "Below this number of requests nothing is judged. Default 50."),
    ]

    static let monitors: [PolicyField] = [
        PolicyField("window", .duration(1...86_400), "Length of one window of traffic. Default 5m."),
        PolicyField(
            "rows_at_least", .integer(1...100_000_000), "Smaller windows are merged with the next. Default 200."),
        PolicyField("windows_to_fire", .integer(1...100), "Broken windows in a row before an alert fires. Default 1."),
        PolicyField(
            "missing_share_above_reference_at_most", .share, canBeOff: true,
            "Missing values above the reference's. Default 5%."),
        PolicyField(
            "out_of_range_share_at_most", .share, canBeOff: true, "Values outside the reference's. Default 5%."),
        PolicyField(
            "drift",
            .section([
                PolicyField("enabled", .boolean, "Default true."),
                PolicyField("psi_at_least", .number(0...100), "Effect that matters. Default 0.2."),
                PolicyField("significance", .number(0...1), "Family-wise error rate of one window. Default 0.01."),
                PolicyField("ignore", .texts(itemsMax: 1000, charactersMax: 500), "Features not watched."),
                PolicyField("prediction", .boolean, "Whether the prediction is watched as well. Default true."),
            ]), "When a feature or the prediction counts as drifted."),
        PolicyField(
            "quality",
            .list(
                of: [
                    PolicyField("metric", .choice(qualityMetrics), required: true, "A metric from feedback."),
                    PolicyField("at_least", anyNumber, "Least value."),
                    PolicyField("at_most", anyNumber, "Largest value."),
                    PolicyField(
                        "labels_at_least", .integer(1...10_000_000), "Newest labelled rows that count. Default 100."),
                ], itemsMax: 20), "Thresholds on metrics computed from feedback."),
    ]

    static let outputBound: [PolicyField] = [
        PolicyField("output", name, required: true, "The output tensor's name."),
        PolicyField("minimum", anyNumber, "Least value."),
        PolicyField("maximum", anyNumber, "Largest value."),
        PolicyField("allowed", .texts(itemsMax: 1000, charactersMax: 250), "For classes: the values allowed, as text."),
        PolicyField(
            "max_change", .number(0...1e12),
            "How far a value may lie from the one before for the same business key; one that changes more is held back once."
        ),
        PolicyField(
            "finite", .boolean,
            "true: NaN and infinities are held back. NaN always is where minimum, maximum or max_change is given."),
    ]

    static let record: [PolicyField] = [
        PolicyField(
            "mode", .choice(["none", "sampled", "all"]), "all is durable before the answer leaves. Default sampled."),
        PolicyField("sample_rate", .share, "For sampled. Default 1%."),
    ]

    static let batching: [PolicyField] = [
        PolicyField("max_rows", .integer(2...10_000), required: true, "Rows of one run."),
        PolicyField(
            "max_delay", .duration(0...1),
            "How long a run waits for more rows. Default 0ms: it takes what came while the model was busy."),
    ]

    static let alerts: [PolicyField] = [
        PolicyField(
            "webhooks", .texts(itemsMax: 10, charactersMax: 2000), "http or https URLs; each change is posted as JSON.")
    ]

    static let retraining: [PolicyField] = [
        PolicyField(
            "command", .texts(itemsMax: 100, charactersMax: 4000), required: true, "The program and its arguments."),
        PolicyField("on_alert", .boolean, "Start when a drift or quality alert fires. Default true."),
        PolicyField("schedule", .text(max: 100), "Five-field cron expression in UTC."),
        PolicyField("timeout", .duration(1...82_800), "Default 1h."),
        PolicyField("memory", .bytes((16 << 20)...(1 << 40)), "Default 4GiB."),
        PolicyField("cooldown", .duration(0...2_592_000), "No second start within this time. Default 10m."),
    ]
}
