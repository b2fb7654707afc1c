import Statistics
import Testing

@Suite("Metrics and adjusted p-values agree with scikit-learn and statsmodels")
struct MetricGoldenTests {
    /// As drawn in generate_cases.py.
    private func scored(_ c: GoldenCase) -> (isPositive: [Bool], scores: [Double]) {
        let seed = UInt64(c.p[0])
        let n = Int(c.p[1])
        let isPositive = Recipe.uniforms(seed, n).map { $0 < c.p[2] }
        let scores = zip(Recipe.uniforms(seed + 1000, n), isPositive).map { v, isPositive in
            let score = (v + 0.4 * (isPositive ? 1 : 0)) / 1.4
            return c.p[3] > 0 ? (score * c.p[3]).rounded(.down) / c.p[3] : score
        }
        return (isPositive, scores)
    }

    @Test("ROC AUC with DeLong's error, average precision, log loss, Brier score, calibration error")
    func scores() throws {
        for c in try GoldenCase.all("scores") {
            let (isPositive, scores) = scored(c)
            let estimate = try #require(ROC.estimate(isPositive: isPositive, scores: scores))
            try c.expectStatistic(ROC.area(isPositive: isPositive, scores: scores), "auc")
            try c.expectStatistic(estimate.area, "auc")
            try c.expectStatistic(estimate.standardError, "se")
            try c.expectStatistic(PrecisionRecall.averagePrecision(isPositive: isPositive, scores: scores), "ap")
            let probabilities = try #require(ProbabilityScores(isPositive: isPositive, probabilities: scores))
            try c.expectStatistic(probabilities.logLoss, "log_loss")
            try c.expectStatistic(probabilities.brierScore, "brier")
            try c.expectStatistic(probabilities.expectedCalibrationError, "ece")
        }
    }

    @Test("the AUC of fixed bins misses the exact one by no more than it states, merged from parts, too")
    func binnedArea() throws {
        for c in try GoldenCase.all("scores") {
            let (isPositive, scores) = scored(c)
            var parts = [ScoreHistogram](repeating: ScoreHistogram(bins: 50), count: 3)
            for (index, score) in scores.enumerated() { parts[index % 3].insert(score, isPositive: isPositive[index]) }
            var merged = parts[0]
            merged.merge(parts[1])
            merged.merge(parts[2])
            let exact = try #require(try c.number("auc"))
            let area = try #require(merged.area)
            #expect(abs(area.value - exact) <= area.errorMax + 1e-12)
        }
    }

    @Test("accuracy, precision, recall, F1 in all averages, and Matthews' correlation")
    func classes() throws {
        for c in try GoldenCase.all("classes") {
            let truths = c.counts.0.map(String.init)
            let predictions = c.counts.1.map(String.init)
            for (name, average) in [
                ("binary", ConfusionMatrix.Average.binary(positive: "1")), ("micro", .micro), ("macro", .macro),
                ("weighted", .weighted),
            ] where c.answers["\(name)_f1"] != nil {
                let result = try #require(
                    ClassificationMetrics(truths: truths, predictions: predictions, average: average))
                try c.expectStatistic(result.accuracy, "accuracy")
                try c.expectStatistic(result.precision, "\(name)_precision")
                try c.expectStatistic(result.recall, "\(name)_recall")
                try c.expectStatistic(result.f1, "\(name)_f1")
                try c.expect(result.matthewsCorrelation, "mcc", relative: 1e-9, absolute: 1e-12)
            }
        }
    }

    @Test("RMSE, MAE, R², MAPE and quantile loss")
    func regression() throws {
        for c in try GoldenCase.all("regression") {
            let truths = try #require(c.a).values
            let predictions = try #require(c.b).values
            let result = try #require(RegressionMetrics(truths: truths, predictions: predictions))
            try c.expectStatistic(result.rmse, "rmse")
            try c.expectStatistic(result.mae, "mae")
            try c.expectStatistic(result.r2, "r2")
            try c.expectStatistic(result.mape, "mape")
            for (key, share) in [("q10", 0.1), ("q50", 0.5)] {
                let loss = RegressionMetrics.quantileLoss(truths: truths, predictions: predictions, share: share)
                try c.expectStatistic(loss, key)
            }
        }
    }

    @Test("Bonferroni, Holm, Benjamini-Hochberg, Benjamini-Yekutieli")
    func multiple() throws {
        for c in try GoldenCase.all("multiple") {
            let pValues = Recipe.uniforms(UInt64(c.p[0]), Int(c.p[1])).map { $0 * $0 * $0 }
            for (key, adjusted) in [
                ("bonferroni", MultipleTesting.bonferroni(pValues)), ("holm", MultipleTesting.holm(pValues)),
                ("bh", MultipleTesting.benjaminiHochberg(pValues)),
                ("by", MultipleTesting.benjaminiYekutieli(pValues)),
            ] {
                let expected = try c.list(key)
                #expect(adjusted.count == expected.count)
                for (value, expected) in zip(adjusted, expected) {
                    #expect(agree(value, try #require(expected), tolerance: 1e-12))
                }
            }
        }
    }

    @Test("levels of LORD++ and SAFFRON follow their definitions", arguments: ["lord", "saffron"])
    func online(name: String) throws {
        for c in try GoldenCase.all(name) {
            let seed = UInt64(c.p[0])
            let pValues = zip(Recipe.uniforms(seed, 300), Recipe.uniforms(seed + 50, 300)).map {
                $1 < 0.15 ? $0 * 1e-5 : $0
            }
            var procedure = OnlineFDR(level: 0.05, rule: name == "lord" ? .lord : .saffron(candidate: 0.5))
            var levels: [Double] = []
            for pValue in pValues {
                levels.append(procedure.nextLevel)
                procedure.insert(pValue)
            }
            #expect(procedure.discoveries.map { Double($0) } == (try c.list("found")).map { $0 ?? -1 })
            for (index, expected) in try c.list("levels").enumerated() {
                let expected = try #require(expected)
                #expect(abs(levels[10 * index] - expected) <= 1e-9 * expected)
            }
        }
    }
}
