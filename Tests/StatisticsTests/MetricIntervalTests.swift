import Statistics
import Testing

@Suite("Intervals of metrics")
struct MetricIntervalTests {
    @Test("DeLong's interval covers the true area, and stays within 0…1 where no pair is wrong")
    func delong() throws {
        // Scores of positives are shifted uniforms: P(U + d > V) = 1 - (1 - d)² / 2.
        let runs = Simulation.count(200, long: 4_000)
        let area = 1 - 0.7 * 0.7 / 2
        var misses = 0
        for run in 0..<runs {
            let u = Recipe.uniforms(UInt64(3 * run + 1), 80)
            let isPositive = (0..<80).map { $0 < 40 }
            let scores = zip(u, isPositive).map { $0 + ($1 ? 0.3 : 0) }
            let estimate = try #require(ROC.estimate(isPositive: isPositive, scores: scores))
            if !estimate.interval(confidence: 0.9).contains(area) { misses += 1 }
        }
        #expect(Simulation.isWithin(misses, of: runs, level: 0.11))
        #expect(misses > runs / 30)
        let perfect = try #require(
            ROC.estimate(isPositive: [true, true, false, false], scores: [0.9, 0.8, 0.2, 0.1])
        ).interval()
        #expect(perfect.upper == 1 && perfect.lower > 0.1 && perfect.lower < 0.9)
    }

    @Test("shares have Wilson's interval, F1 that of its Jaccard index mapped")
    func outcomes() throws {
        let outcomes = BinaryOutcomes(truePositives: 40, falsePositives: 10, trueNegatives: 945, falseNegatives: 5)
        #expect(outcomes.precisionInterval() == Proportions.wilsonInterval(40, of: 50))
        #expect(outcomes.recallInterval()?.contains(40.0 / 45) == true)
        #expect(outcomes.accuracyInterval()?.contains(0.985) == true)
        let interval = try #require(outcomes.f1Interval())
        let f1 = try #require(outcomes.f1)
        #expect(interval.contains(f1) && interval.upper < 1 && interval.width < 0.2)
        #expect(BinaryOutcomes().precision == nil && BinaryOutcomes().f1Interval() == nil)
    }

    @Test("bootstrap intervals of a mean are near Student's, corrected ones, too; errors of regression have intervals")
    func bootstrap() throws {
        let values = Recipe.draw("normal", 21, 200)
        let student = try #require(MeanInterval.student(Moments(values)))
        for method in [Bootstrap.Method.percentile, .accelerated] {
            let interval = try #require(
                Bootstrap.interval(count: 200, replicates: 1_000, method: method) { rows in
                    rows.reduce(0) { $0 + values[$1] } / Double(rows.count)
                })
            #expect(abs(interval.lower - student.lower) < 0.03 && abs(interval.upper - student.upper) < 0.03)
        }
        let metrics = try #require(
            RegressionMetrics(truths: values, predictions: [Double](repeating: 0, count: 200)))
        #expect(try #require(metrics.rmseInterval()).contains(metrics.rmse))
        #expect(try #require(metrics.maeInterval()).contains(metrics.mae))
        #expect(Bootstrap.interval(count: 1) { _ in 0 } == nil)
    }

    @Test("the score of probabilities merges from parts, and its intervals hold its values")
    func probabilities() throws {
        let scores = Recipe.uniforms(22, 3_000)
        let isPositive = zip(Recipe.uniforms(23, 3_000), scores).map { $0 < $1 }
        let whole = try #require(ProbabilityScores(isPositive: isPositive, probabilities: scores))
        var merged = try #require(
            ProbabilityScores(isPositive: Array(isPositive[..<999]), probabilities: Array(scores[..<999])))
        merged.merge(
            try #require(
                ProbabilityScores(isPositive: Array(isPositive[999...]), probabilities: Array(scores[999...]))))
        #expect(agree(try #require(merged.logLoss), try #require(whole.logLoss), tolerance: 1e-12))
        #expect(agree(try #require(merged.expectedCalibrationError), try #require(whole.expectedCalibrationError)))
        #expect(try #require(whole.expectedCalibrationError) < 0.03)
        #expect(try #require(whole.brierScoreInterval()).contains(1.0 / 6))
        #expect(try #require(whole.logLossInterval()).contains(0.5))
        #expect(
            agree(
                try #require(
                    ProbabilityScores.logLoss(truths: [0, 2], probabilities: [[0.5, 0.3, 0.2], [0, 0, 1]])),
                0.34657359027997264))
        #expect(ProbabilityScores().logLoss == nil)
    }

    @Test("confusion matrices add up")
    func confusion() {
        var first = ConfusionMatrix()
        first.insert(truth: "a", prediction: "b", times: 3)
        var second = ConfusionMatrix()
        second.insert(truth: "a", prediction: "a", times: 5)
        second.insert(truth: "b", prediction: "c")
        first.merge(second)
        #expect(first.classes == ["a", "b", "c"] && first.total == 9)
        #expect(
            first.outcomes(positive: "a")
                == BinaryOutcomes(truePositives: 5, falsePositives: 0, trueNegatives: 1, falseNegatives: 3))
        #expect(first.accuracy == 5.0 / 9)
    }
}
