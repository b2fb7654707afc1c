import Domain
import Statistics

/// Puts a policy's monitors to one closed window. Pure: equal windows get equal verdicts.
struct WindowJudge {
    let endpoint: String
    let version: Int
    let monitors: Monitors
    let reference: ReferenceProfile

    /// One verdict for each question that could be asked; none for those without data.
    func verdicts(_ profile: Profile, start: Timestamp, end: Timestamp) -> [MonitorVerdict] {
        let draft = MonitorVerdict(
            endpoint: endpoint, version: version, windowStart: start, windowEnd: end, kind: .featureDrift, subject: "",
            value: 0, threshold: 0, rows: profile.rows, isBroken: false, detail: "")
        return featureDrift(profile, draft) + predictionDrift(profile, draft) + shares(profile, draft)
    }

    private var watched: [FeatureProfile] {
        reference.profile.features.filter { !monitors.drift.ignore.contains($0.name) }
    }

    private func featureDrift(_ profile: Profile, _ draft: MonitorVerdict) -> [MonitorVerdict] {
        guard monitors.drift.isEnabled else { return [] }
        let tests: [(String, DriftTest, Int)] = watched.compactMap { feature in
            guard let current = profile.feature(feature.name),
                let test = DriftTest(reference: feature, current: current)
            else { return nil }
            return (feature.name, test, current.present)
        }
        // Bonferroni: the family-wise error rate of the window is shared among the features tested.
        let significance = monitors.drift.significance / Double(max(1, tests.count))
        return tests.map { name, test, rows in
            drift(draft, kind: .featureDrift, subject: name, test: test, significance: significance, rows: rows)
        }
    }

    private func predictionDrift(_ profile: Profile, _ draft: MonitorVerdict) -> [MonitorVerdict] {
        guard monitors.drift.isEnabled, monitors.drift.prediction, reference.isPredictionJudged,
            let expected = reference.profile.prediction, let current = profile.prediction,
            let test = DriftTest(reference: expected, current: current)
        else { return [] }
        return [
            drift(
                draft, kind: .predictionDrift, subject: expected.name, test: test,
                significance: monitors.drift.significance, rows: current.present)
        ]
    }

    private func drift(
        _ draft: MonitorVerdict, kind: Alert.Kind, subject: String, test: DriftTest, significance: Double, rows: Int
    ) -> MonitorVerdict {
        var verdict = draft
        verdict.kind = kind
        verdict.subject = subject
        verdict.value = test.psi
        verdict.threshold = monitors.drift.psiAtLeast
        verdict.pValue = test.pValue
        verdict.significance = significance
        verdict.rows = rows
        verdict.isBroken = test.psi >= monitors.drift.psiAtLeast && test.pValue < significance
        let noun = kind == .predictionDrift ? "The prediction's distribution" : "The distribution of \(subject)"
        verdict.detail =
            "\(noun) has PSI \(Figure.text(test.psi)) (drift from \(Figure.text(monitors.drift.psiAtLeast))), "
            + "\(test.testName) p \(Figure.text(test.pValue)) (below \(Figure.text(significance)) is no chance), "
            + "over \(rows) rows."
        return verdict
    }

    private func shares(_ profile: Profile, _ draft: MonitorVerdict) -> [MonitorVerdict] {
        var verdicts: [MonitorVerdict] = []
        for feature in watched {
            guard let current = profile.feature(feature.name), current.rows > 0 else { continue }
            if let margin = monitors.missingShareAboveReferenceAtMost {
                verdicts.append(
                    share(
                        draft, kind: .missingValues, subject: feature.name, count: current.missing, of: current.rows,
                        threshold: feature.missingShare + margin, noun: "missing values"))
            }
            if let threshold = monitors.outOfRangeShareAtMost, current.present > 0 {
                var verdict = share(
                    draft, kind: .outOfRange, subject: feature.name, count: current.outOfRange, of: current.present,
                    threshold: threshold, noun: "values outside the reference's range or categories")
                if case .numeric = feature.bins {
                    // A small reference does not know its range well: chance must be ruled out as for drift.
                    let pValue = RangeExceedance.survival(
                        outside: current.outOfRange, of: current.present, reference: feature.present)
                    let significance = monitors.drift.significance / Double(max(1, watched.count))
                    verdict.pValue = pValue
                    verdict.significance = significance
                    verdict.isBroken = verdict.isBroken && pValue < significance
                }
                verdicts.append(verdict)
            }
        }
        return verdicts
    }

    private func share(
        _ draft: MonitorVerdict, kind: Alert.Kind, subject: String, count: Int, of rows: Int, threshold: Double,
        noun: String
    ) -> MonitorVerdict {
        var verdict = draft
        verdict.kind = kind
        verdict.subject = subject
        verdict.value = Double(count) / Double(rows)
        verdict.threshold = threshold
        verdict.rows = rows
        verdict.isBroken = verdict.value > threshold
        verdict.detail =
            "\(subject) has \(count) \(noun) in \(rows) rows: \(Figure.text(verdict.value)), at most "
            + "\(Figure.text(threshold))."
        return verdict
    }
}
