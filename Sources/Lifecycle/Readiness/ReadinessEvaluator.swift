public import Domain
internal import FoundationEssentials

/// Holds what is known of a version against the policy in force. Pure; unknown never counts as met.
public struct ReadinessEvaluator: Sendable {
    typealias Row = ReadinessReport.Row

    let policy: PolicyVersion
    let facts: ReadinessFacts

    public init(policy: PolicyVersion, facts: ReadinessFacts) {
        self.policy = policy
        self.facts = facts
    }

    /// What every version must show comes first; then the policy's criteria in the order in which it lists them.
    public func report(at time: Timestamp) -> ReadinessReport {
        let criteria = policy.policy.criteria
        let measured: [Row?] = [
            criteria.latency.map(latency), criteria.throughputAtLeast.map(throughput),
            criteria.availability.map(availability), criteria.cost.map(cost),
        ]
        return ReadinessReport(
            version: facts.candidate.record.id, policyVersion: policy.version, time: time,
            rows: [servable, golden, parity] + criteria.metrics.flatMap(metric) + measured.compactMap { $0 }
                + criteria.kpis.map(kpi) + criteria.documentation.map(documentation))
    }

    // MARK: what every version must show

    private var servable: Row {
        let preparation = facts.preparation
        switch preparation?.state {
        case nil, .pending?:
            return Row(
                criterion: "servable", threshold: "loads and answers", measured: nil, status: .unknown,
                evidence: "The version is still being prepared.")
        case .unservable?:
            return Row(
                criterion: "servable", threshold: "loads and answers", measured: "no", status: .unmet,
                evidence: preparation?.detail ?? "")
        case .servable?:
            return Row(
                criterion: "servable", threshold: "loads and answers", measured: "yes", status: .met,
                evidence: preparation?.detail ?? "")
        }
    }

    private var golden: Row {
        let (measured, status, evidence): (String?, ReadinessReport.Status, String) =
            switch facts.golden {
            case .value(.reproduced):
                ("reproduced", .met, "Repeated now through the data plane; recorded at registration on \(machine).")
            case .value(.differs(let difference)): ("differs", .unmet, difference)
            case .value(.missing(let reason)), .missing(let reason): (nil, .unknown, reason)
            }
        return Row(
            criterion: "golden", threshold: "reproduces its answer", measured: measured, status: status,
            evidence: evidence)
    }

    private var machine: String { facts.preparation?.runtime ?? "an unknown runtime" }

    private var parity: Row {
        let threshold = "agrees with the original"
        guard let preparation = facts.preparation, preparation.state != .pending else {
            return Row(
                criterion: "parity", threshold: threshold, measured: nil, status: .unknown,
                evidence: "The version is still being prepared.")
        }
        // A Python worker runs the original itself.
        guard let servable = preparation.servable, servable.runtime != .python,
            !facts.candidate.record.files.contains(where: { $0.digest == servable.digest })
        else {
            return Row(
                criterion: "parity", threshold: threshold, measured: "as logged",
                status: preparation.state == .servable ? .met : .unknown,
                evidence: preparation.state == .servable ? "Nothing was converted." : preparation.detail)
        }
        guard let parity = preparation.parity else {
            return Row(
                criterion: "parity", threshold: threshold, measured: nil, status: .unknown,
                evidence: "No real rows came with the version: log a data set, reference.csv or an input example.")
        }
        // The converter refuses what differs by more than rounding, so that such a version is not servable at all.
        return Row(
            criterion: "parity", threshold: threshold,
            measured: "\(parity.labelMismatches) of \(parity.rows) rows differ", status: .met,
            evidence: "Largest difference \(Figures.measured(parity.maxAbsoluteDifference)), by \(parity.tool).")
    }

    // MARK: metrics

    /// One row for the bounds and one for the comparison with the champion.
    private func metric(_ criterion: MetricCriterion) -> [Row] {
        let found = Self.newest(criterion, of: facts.candidate)
        let name = "metrics.\(criterion.label)"
        var rows: [Row] = []
        if criterion.atLeast != nil || criterion.atMost != nil {
            rows.append(
                judged(
                    name, threshold: Self.threshold(criterion.atLeast, criterion.atMost), value: found?.value,
                    isMet: { Self.holds($0, criterion.atLeast, criterion.atMost) },
                    evidence: found.map(evidence) ?? Self.missing(criterion, of: facts.candidate),
                    writtenBefore: found.map { wasWritten(criterion, before: $0.loggedAt) }))
        }
        if let comparison = criterion.againstChampion {
            rows.append(versusChampion(criterion, comparison, found, name))
        }
        return rows
    }

    private func versusChampion(
        _ criterion: MetricCriterion, _ comparison: ChampionComparison, _ found: RunRecord.Metric?, _ name: String
    ) -> Row {
        let direction = comparison.higherIsBetter ? "≥" : "≤"
        let sign = comparison.higherIsBetter == (comparison.worseByAtMost >= 0) ? "−" : "+"
        let threshold =
            comparison.worseByAtMost == 0
            ? "\(direction) champion"
            : "\(direction) champion \(sign) \(Figures.exact(comparison.worseByAtMost.magnitude))"
        let written = found.map { wasWritten(criterion, before: $0.loggedAt) }
        func row(_ value: Double?, _ bound: Double?, _ evidence: String) -> Row {
            judged(
                name + ".against_champion", threshold: threshold, value: bound == nil ? nil : value,
                isMet: { value in bound.map { comparison.higherIsBetter ? value >= $0 : value <= $0 } ?? false },
                evidence: evidence, writtenBefore: written)
        }
        guard let found else { return row(nil, nil, Self.missing(criterion, of: facts.candidate)) }
        guard let champion = facts.champion else {
            return Row(
                criterion: name + ".against_champion", threshold: threshold, measured: Figures.measured(found.value),
                status: found.value.isFinite ? .met : .unknown, evidence: "There is no champion to compare with yet.",
                writtenBefore: written)
        }
        guard let theirs = Self.newest(criterion, of: champion) else {
            return row(found.value, nil, "The champion: " + Self.missing(criterion, of: champion))
        }
        let bound = theirs.value + (comparison.higherIsBetter ? -1 : 1) * comparison.worseByAtMost
        let differs =
            found.datasetDigest == theirs.datasetDigest
            ? "" : " The two data sets have the same name but other contents (\(theirs.datasetDigest ?? "no digest"))."
        return row(
            found.value, bound,
            "Champion version \(champion.record.id.version): \(Figures.measured(theirs.value)). \(evidence(found))\(differs)"
        )
    }

    /// Of one evaluation logged twice the later one counts. One that the client tied to another model is not this model's.
    static func newest(_ criterion: MetricCriterion, of logged: ReadinessFacts.Logged) -> RunRecord.Metric? {
        logged.run?.metrics.filter {
            $0.key == criterion.metric && $0.datasetName == criterion.dataset
                && ($0.modelID == nil || logged.record.loggedModelID == nil
                    || $0.modelID == logged.record.loggedModelID)
        }.max { $0.loggedAt < $1.loggedAt }
    }

    private static func missing(_ criterion: MetricCriterion, of logged: ReadinessFacts.Logged) -> String {
        guard let run = logged.run else {
            return "Version \(logged.record.id.version) names no run that is there, so no metric is known."
        }
        let place = criterion.dataset.map { " on a data set named \($0)" } ?? " without a data set"
        return "Run \(run.id) logged no metric \(criterion.metric)\(place)."
    }

    private func evidence(_ metric: RunRecord.Metric) -> String {
        let run = "Run \(facts.candidate.run?.id ?? "?")"
        let dataset = metric.datasetName.map { ", data set \($0) (\(metric.datasetDigest ?? "no digest"))" } ?? ""
        return "\(run)\(dataset), logged \(Self.text(metric.loggedAt))."
    }

    // MARK: measured by Martlet

    private func latency(_ criterion: LatencyCriterion) -> Row {
        measurement(
            "latency.p99", threshold: "≤ \(Figures.exact(criterion.p99MillisecondsAtMost)) ms", unit: " ms",
            value: { $0.p99Milliseconds }, isMet: { $0 <= criterion.p99MillisecondsAtMost },
            asked: { $0.latency.map { $0.p99MillisecondsAtMost <= criterion.p99MillisecondsAtMost } })
    }

    private func throughput(_ atLeast: Double) -> Row {
        measurement(
            "throughput", threshold: "≥ \(Figures.exact(atLeast)) requests/s", unit: " requests/s",
            value: { $0.requestsPerSecond }, isMet: { $0 >= atLeast },
            asked: { $0.throughputAtLeast.map { $0 >= atLeast } })
    }

    private func cost(_ criterion: CostCriterion) -> Row {
        measurement(
            "cost.per_thousand_predictions", threshold: "≤ \(Figures.exact(criterion.perThousandPredictionsAtMost))",
            unit: "",
            value: { $0.cpuMicrosecondsPerRequest * 1000 / 1e6 / 3600 * criterion.perCPUHour },
            isMet: { $0 <= criterion.perThousandPredictionsAtMost },
            asked: {
                $0.cost.map {
                    $0.perThousandPredictionsAtMost <= criterion.perThousandPredictionsAtMost
                        && $0.perCPUHour >= criterion.perCPUHour
                }
            })
    }

    /// - Parameter asked: whether other criteria ask for at least as much; nil where they do not ask at all.
    private func measurement(
        _ name: String, threshold: String, unit: String, value: (PerformanceMeasurement) -> Double,
        isMet: (Double) -> Bool, asked: (Criteria) -> Bool?
    ) -> Row {
        switch facts.measurement {
        case .missing(let reason):
            return Row(criterion: name, threshold: threshold, measured: nil, status: .unknown, evidence: reason)
        case .value(let kept):
            let measurement = kept.measurement
            return judged(
                name, threshold: threshold, value: value(measurement), unit: unit, isMet: isMet,
                evidence: "Measurement \(kept.id) of \(Self.text(measurement.time)): \(measurement.requests) requests, "
                    + "\(Figures.measured(measurement.cpuMicrosecondsPerRequest)) µs of processor each, on \(measurement.machine).",
                writtenBefore: wasInForce(before: measurement.time) { asked($0) == true })
        }
    }

    // MARK: live figures

    private func availability(_ criterion: AvailabilityCriterion) -> Row {
        let threshold = "≥ \(Figures.percent(criterion.atLeast))"
        let name = "availability"
        if let live = facts.live, live.requests > 0 {
            let share = 1 - Double(live.errors) / Double(live.requests)
            return Row(
                criterion: name, threshold: threshold, measured: Figures.percent(share),
                status: share >= criterion.atLeast ? .met : .unmet,
                evidence: "\(live.errors) of \(live.requests) live requests failed by the server's fault.")
        }
        let logged = Self.newest(MetricCriterion(metric: name), of: facts.candidate)
        return judged(
            name, threshold: threshold, value: logged?.value, isMet: { $0 >= criterion.atLeast },
            evidence: logged.map(evidence)
                ?? "No live request of this version was seen, and its run logged no metric availability.",
            writtenBefore: logged.map { metric in
                wasInForce(before: metric.loggedAt) { ($0.availability?.atLeast ?? -.infinity) >= criterion.atLeast }
            })
    }

    private func kpi(_ criterion: KPICriterion) -> Row {
        let name = "kpis.\(criterion.name)"
        let threshold = Self.threshold(criterion.atLeast, criterion.atMost)
        let isMet: (Double) -> Bool = { Self.holds($0, criterion.atLeast, criterion.atMost) }
        if let live = facts.live?.kpis[criterion.name] {
            return judged(
                name, threshold: threshold, value: live.mean, isMet: isMet,
                evidence: "Mean of \(live.count) figures from feedback on this version's predictions.",
                writtenBefore: nil)
        }
        let logged = Self.newest(MetricCriterion(metric: "kpi.\(criterion.name)"), of: facts.candidate)
        return judged(
            name, threshold: threshold, value: logged?.value, isMet: isMet,
            evidence: logged.map(evidence)
                ?? "No feedback carries \(criterion.name), and the run logged no metric kpi.\(criterion.name).",
            writtenBefore: logged.map { metric in
                wasInForce(before: metric.loggedAt) {
                    $0.kpis.contains { $0.name == criterion.name && PolicyDiff.isAtLeastAsStrict($0, as: criterion) }
                }
            })
    }

    // MARK: documents

    private func documentation(_ item: String) -> Row {
        let record = facts.candidate.record
        let places: [(String, String?)] = [
            ("description of the version", item == "description" ? record.description : nil),
            ("tag of the version", record.tags[item]), ("tag of the run", facts.candidate.run?.tags[item]),
        ]
        let found = places.first { $0.1.map { $0.contains { !$0.isWhitespace } } ?? false }
        return Row(
            criterion: "documentation.\(item)", threshold: "is written", measured: found == nil ? "no" : "yes",
            status: found == nil ? .unmet : .met,
            evidence: found.map { "The \($0.0) has \($0.1?.count ?? 0) characters." }
                ?? "Neither the version nor its run has \(item == "description" ? "a description" : "a tag \(item)") with text in it."
        )
    }

    // MARK: parts

    private func judged(
        _ name: String, threshold: String, value: Double?, unit: String = "", isMet: (Double) -> Bool,
        evidence: String, writtenBefore: Bool? = nil
    ) -> Row {
        // What is no number was not measured.
        guard let value, value.isFinite else {
            return Row(
                criterion: name, threshold: threshold, measured: value.map { "\($0)" }, status: .unknown,
                evidence: evidence)
        }
        return Row(
            criterion: name, threshold: threshold, measured: Figures.measured(value) + unit,
            status: isMet(value) ? .met : .unmet, evidence: evidence, writtenBefore: writtenBefore)
    }

    private func wasWritten(_ criterion: MetricCriterion, before time: Timestamp) -> Bool {
        wasInForce(before: time) {
            $0.metrics.contains {
                $0.metric == criterion.metric && $0.dataset == criterion.dataset
                    && PolicyDiff.isAtLeastAsStrict($0, as: criterion)
            }
        }
    }

    /// Whether a policy that asked for at least as much was in force no later than this.
    private func wasInForce(before time: Timestamp, _ asks: (Criteria) -> Bool) -> Bool {
        facts.policies.contains { version in
            version.inForceAt.map { $0 <= time } == true && asks(version.policy.criteria)
        }
    }

    private static func holds(_ value: Double, _ atLeast: Double?, _ atMost: Double?) -> Bool {
        (atLeast.map { value >= $0 } ?? true) && (atMost.map { value <= $0 } ?? true)
    }

    private static func threshold(_ atLeast: Double?, _ atMost: Double?) -> String {
        [atLeast.map { "≥ \(Figures.exact($0))" }, atMost.map { "≤ \(Figures.exact($0))" }].compactMap { $0 }
            .joined(separator: ", ")
    }

    private static func text(_ time: Timestamp) -> String {
        Date(timeIntervalSince1970: Double(time.milliseconds) / 1000).formatted(.iso8601)
    }
}
