import Domain
import Foundation
import Testing

@testable import Wire

@Suite("martlet.yaml")
struct PolicyDocumentTests {
    static let head = """
        model: pump-failure
        owner: Maintenance
        purpose: Warns a week before a pump fails.
        task: binary-classification

        """

    static let full =
        head + """
            team: Reliability
            known_limitations: [Not for pumps above 500 kW]
            positive_class: 1
            criteria:
              metrics:
                - metric: recall
                  dataset: holdout
                  at_least: 0.8
                  against_champion: {better: higher, worse_by_at_most: 0.01}
                - {metric: brier, at_most: 0.2}
              latency: {p99_at_most: 20ms}
              throughput: {at_least: 500}
              availability: {at_least: 99.5%}
              cost: {per_thousand_predictions_at_most: 0.002, per_cpu_hour: 0.04}
              kpis: [{name: avoided_stops, at_least: 10}]
              documentation: [description, model_card]
            approvals: {role: operator, count: 2}
            rollout:
              evaluation_interval: 5s
              steps:
                - {shadow: true, duration: 60s, requests_at_least: 100}
                - {weight: 7%, duration: 5m, requests_at_least: 200}
                - {weight: 0.5, duration: 2h}
            guardrails:
              error_rate_at_most: off
              p99_floor: 3ms
              quality: [{metric: recall, worse_by_at_most: 0.05, labels_at_least: 50}]
            monitors:
              window: 30s
              out_of_range_share_at_most: null
              drift: {psi_at_least: 0.25, ignore: [plant]}
              quality: [{metric: f1, at_least: 0.7}]
            output_bounds: [{output: probability, minimum: 0, maximum: 1, max_change: 0.5, finite: true}]
            fallback:
              previous: true
              rules:
                - when: {feature: temperature, at_least: 1, at_most: 90}
                  answer: [{output: label, value: 1}, {output: probabilities, values: [0.1, 0.9]}]
                - when: {feature: plant, is_one_of: [north]}
                  answer: [{output: label, value: 0}, {output: probabilities, values: [1, 0]}]
            validation:
              action: clip
              missing: reject
              reference: false
              margin: 10%
              features:
                - {name: temperature, action: reject, missing: flag, minimum: -20, maximum: 90.5, margin: 0.05}
                - {name: plant, allowed: [north, south]}
            circuit_breaker:
              enabled: true
              consecutive_failures: 3
              failure_share: off
              requests_at_least: 7
              window: 1m
              open_for: 500ms
              probes: 2
            serving: {concurrency: 2, queue: 16, cache: true}
            batching: {max_rows: 8, max_delay: 2ms}
            record: {mode: all}
            alerts: {webhooks: ["https://alerts.example.org/x"]}
            retraining:
              command: [python, train.py]
              schedule: 0 3 * * 1
              timeout: 30m
              memory: 2GiB
              cooldown: 1d
            signing: required
            signing_keys:
              - |
                -----BEGIN PUBLIC KEY-----
                x
                -----END PUBLIC KEY-----

            """

    private func problems(_ text: String) -> [String] {
        guard case .failure(let refusal) = PolicyDocument.parse(text) else { return [] }
        return refusal.problems.map(\.description)
    }

    @Test("every key reaches its field, in the domain's units")
    func fullDocument() throws {
        let policy = try PolicyDocument.parse(Self.full).get()
        #expect(
            policy.criteria.metrics[0].againstChampion == ChampionComparison(higherIsBetter: true, worseByAtMost: 0.01))
        #expect(policy.criteria.latency?.p99MillisecondsAtMost == 20)
        #expect(policy.criteria.availability?.atLeast == 0.995)
        #expect(policy.positiveClass == "1")
        #expect(policy.approvals.role == .operator)
        #expect(policy.rollout.steps.map(\.weightPercent) == [nil, 7, 50])
        #expect(policy.rollout.steps.map(\.durationSeconds) == [60, 300, 7200])
        #expect(policy.guardrails.errorRateAtMost == nil)
        #expect(policy.guardrails.predictionPSIAtMost == 0.25)
        #expect(policy.monitors.outOfRangeShareAtMost == nil)
        #expect(policy.monitors.missingShareAboveReferenceAtMost == 0.05)
        #expect(policy.outputBounds[0].maxChange == 0.5 && policy.outputBounds[0].finite == true)
        #expect(policy.serving?.concurrency == 2 && policy.serving?.queue == 16 && policy.serving?.cache == true)
        let circuit = try #require(policy.circuitBreaker)
        #expect(circuit.consecutiveFailures == 3 && circuit.failureShare == nil && circuit.requestsAtLeast == 7)
        #expect(circuit.windowSeconds == 60 && circuit.openSeconds == 0.5 && circuit.probes == 2)
        let fallback = try #require(policy.fallback)
        #expect(fallback.usesPrevious && fallback.rules.count == 2)
        #expect(fallback.rules[0].when == .init(feature: "temperature", atLeast: 1, atMost: 90))
        #expect(
            fallback.rules[0].answer == [
                .init(output: "label", values: ["1"]), .init(output: "probabilities", values: ["0.1", "0.9"]),
            ])
        #expect(fallback.rules[1].when?.isOneOf == ["north"])
        let validation = try #require(policy.validation)
        #expect(validation.action == .clip && validation.missing == .reject && !validation.usesReference)
        #expect(
            validation.features == [
                .init(
                    name: "temperature", action: .reject, missing: .flag, minimum: -20, maximum: 90.5, margin: 0.05),
                .init(name: "plant", allowed: ["north", "south"]),
            ])
        #expect(policy.record.mode == .all)
        #expect(policy.retraining?.memoryBytesMax == 2 << 30)
        #expect(policy.retraining?.cooldownSeconds == 86_400)
    }

    @Test("the shortest policy has every default")
    func defaults() throws {
        let expected = Policy(
            model: "pump-failure", owner: "Maintenance", purpose: "Warns a week before a pump fails.",
            task: .binaryClassification)
        #expect(try PolicyDocument.parse(Self.head).get() == expected)
    }

    @Test("what encode writes, parse reads back", arguments: [head, full])
    func roundTrip(text: String) throws {
        let policy = try PolicyDocument.parse(text).get()
        let json = String(decoding: try JSONEncoder().encode(PolicyDocument.encode(policy)), as: UTF8.self)
        #expect(try PolicyDocument.parse(json).get() == policy)
    }

    @Test("all problems come at once, each with line, column, field and what is allowed")
    func allProblems() {
        let text =
            Self.head + """
                criteria:
                  metrics:
                    - metric: recall
                      at_leest: 0.8
                    - metric: auc
                      at_least: high
                approvals: {count: 11}
                colour: red

                """
        #expect(
            problems(text) == [
                "8:7: criteria.metrics[0].at_leest: is not a key here; did you mean at_least?",
                "10:17: criteria.metrics[1].at_least: must be a number from -1000000000000 to 1000000000000; it is “high”.",
                "11:20: approvals.count: must be a whole number from 1 to 10; it is “11”.",
                "12:1: colour: is not a key here; the keys are "
                    + PolicyKeys.root.map(\.key).joined(separator: ", ") + ".",
            ])
    }

    @Test("missing required keys are named")
    func missing() {
        #expect(
            problems("model: a\n").map { $0.prefix(24) }
                == ["1:1: owner: is missing; i", "1:1: purpose: is missing;", "1:1: task: is missing; it"].map {
                    $0.prefix(24)
                })
    }

    @Test(
        "values out of range are refused",
        arguments: [
            "criteria: {latency: {p99_at_most: 20}}", "criteria: {availability: {at_least: 120%}}",
            "rollout: {steps: [{shadow: true, weight: 10%, duration: 1s}]}",
            "rollout: {steps: [{weight: 50%, duration: 1s}, {weight: 10%, duration: 1s}]}",
            "rollout: {steps: [{weight: 10%, duration: 1s}, {shadow: true, duration: 1s}]}",
            "guardrails: {error_rate_at_most: nan}", "monitors: {window: 0s}", "record: {mode: some}",
            "alerts: {webhooks: [ftp://example.org]}", "signing: maybe", "signing_keys: [x]",
            "retraining: {command: []}",
            "retraining: {command: [a], schedule: 61 * * * *}", "output_bounds: [{output: p}]",
            "criteria: {metrics: [{metric: a, at_least: 2, at_most: 1}]}",
            "criteria: {kpis: [{name: a, at_least: 1}, {name: a, at_most: 2}]}", "team: &t a", "approvals: []",
            "criteria: {metrics: {metric: a}}", "approvals: {role: viewer}",
        ])
    func refused(line: String) {
        #expect(problems(Self.head + line).count == 1)
    }

    @Test("hostile texts are refused quickly")
    func hostile() {
        let bomb = "a: &a [x,x]\n" + (0..<30).map { "k\($0): &k\($0) [*a,*a]\n" }.joined() + "? *k29\n: x\n"
        let texts = [
            bomb, String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
            String(repeating: "a", count: PolicyDocument.bytesMax + 1), "a: 'x", "a: 1\na: 2\n", "", "\u{0}",
            "--- a\n--- b\n",
            String(repeating: "k: [1]\n", count: 20_000),
        ]
        for text in texts { #expect(problems(text).count >= 1) }
    }

    @Test("rules of validation that contradict each other are refused where they stand")
    func validationRules() {
        let text =
            Self.head + """
                validation:
                  missing: clip
                  features:
                    - {name: a, minimum: 2, maximum: 1}
                    - {name: a}
                    - {name: b, allowed: [x], minimum: 1, action: clip}

                """
        let found = problems(text)
        #expect(found.count == 5, "\(found)")
        #expect(found.contains { $0.hasPrefix("6:12: validation.missing: must be one of accept, flag, reject") })
        #expect(found.contains { $0.contains("features[0].minimum: must not be above maximum") })
        #expect(found.contains { $0.contains("features[1]: repeats the name") })
        #expect(found.contains { $0.contains("features[2].action: must be accept, flag or reject") })
        #expect(found.contains { $0.contains("features[2].allowed: is for categories") })
    }

    @Test("rules of fallback that are never asked, or answer nothing or something else, are refused where they stand")
    func fallbackRules() {
        let text =
            Self.head + """
                output_bounds: [{output: y, finite: false}]
                fallback:
                  rules:
                    - answer: [{output: a, value: 1}]
                    - when: {feature: x}
                      answer: [{output: b, value: 1}]
                    - when: {feature: x, at_least: 1}
                      answer: [{output: a}, {output: a, values: [1, 2]}]
                    - answer: []

                """
        let found = problems(text)
        #expect(found.contains { $0.contains("output_bounds[0]: needs at least one of minimum") })
        #expect(found.contains { $0.contains("fallback.rules[0]: has no when") })
        #expect(found.contains { $0.contains("fallback.rules[1].when: needs at least one of at_least") })
        #expect(found.contains { $0.contains("fallback.rules[1].answer: must have the outputs of the first rule") })
        #expect(found.contains { $0.contains("fallback.rules[2].answer[0]: must have either a value or values") })
        #expect(found.contains { $0.contains("fallback.rules[2].answer[1]: repeats the output") })
        #expect(found.contains { $0.contains("fallback.rules[3].answer: must name an output") })
    }

    @Test("the schema in docs is the one that the parser's table gives")
    func schemaFile() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "../../../docs/martlet.schema.json")
        let stored = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: path))
        let made = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(PolicySchema.document))
        #expect(stored == made)
    }

    @Test("a policy with every key written out uses every key that the table knows")
    func everyKeyIsWritten() throws {
        func missing(_ fields: [PolicyField], _ values: [JSONValue], _ path: String) -> [String] {
            fields.flatMap { field -> [String] in
                let found = values.compactMap { $0[field.key] }
                let here = PolicyReader.join(path, field.key)
                if found.isEmpty { return [here] }
                switch field.kind {
                case .section(let inner): return missing(inner, found, here)
                case .list(let inner, _): return missing(inner, found.flatMap { $0.arrayValue ?? [] }, here)
                default: return []
                }
            }
        }
        let document = PolicyDocument.encode(try PolicyDocument.parse(Self.full).get())
        #expect(
            Set(missing(PolicyKeys.root, [document], "")) == [
                "output_bounds.allowed", "monitors.quality.at_most", "criteria.kpis.at_most",
            ])
    }
}
