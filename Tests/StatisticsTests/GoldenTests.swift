import Statistics
import Testing

@Suite("Statistics agree with scipy and scikit-learn")
struct GoldenTests {
    let golden: Golden

    init() throws { golden = try Golden.load() }

    @Test("numbers at the end of Double's range leave every figure finite")
    func extremes() throws {
        var moments = Moments()
        for value in [1.7e308, -1.7e308, 1.7e308, -1.7e308, 1] { moments.insert(value) }
        moments.merge(moments)
        #expect(moments.mean.isFinite && moments.squaredDeviations.isFinite && moments.minimum == -1.7e308)
        let metrics = try #require(RegressionMetrics(truths: [1e308, -1e308], predictions: [0, 1]))
        #expect(!metrics.rmse.isNaN && !metrics.mae.isNaN && metrics.r2 == nil)
    }

    @Test("the incomplete gamma function agrees, relative to its own size")
    func gamma() {
        #expect(golden.gamma.count > 100)
        for entry in golden.gamma {
            let q = SpecialFunctions.upperIncompleteGamma(entry.a, entry.x)
            #expect(abs(q - entry.q) <= 1e-9 * entry.q + 1e-300, "a \(entry.a), x \(entry.x): \(q) is not \(entry.q)")
        }
    }

    @Test("the chance of values outside a reference's range agrees with exact counting")
    func range() {
        for entry in golden.range {
            let p = RangeExceedance.survival(outside: entry.k, of: entry.n, reference: entry.m)
            #expect(abs(p - entry.p) <= 1e-9 * entry.p, "\(entry): \(p)")
        }
    }

    @Test("the Kolmogorov distribution agrees, relative to its own size")
    func kolmogorov() {
        for entry in golden.kolmogorov {
            let p = SpecialFunctions.kolmogorovSurvival(entry.x)
            #expect(
                abs(p - entry.p) <= 1e-12 * max(1, entry.p) + 1e-9 * entry.p, "at \(entry.x): \(p) is not \(entry.p)")
        }
    }

    @Test("Kolmogorov-Smirnov and Wasserstein agree on samples, ties and single values included")
    func samples() throws {
        for entry in golden.samples {
            let ks = try #require(KolmogorovSmirnov.test(entry.a, entry.b))
            #expect(agree(ks.statistic, entry.ks))
            #expect(agree(ks.pValue, entry.ksP))
            #expect(agree(try #require(Wasserstein.distance(entry.a, entry.b)), entry.wasserstein))
        }
    }

    @Test("chi-square, PSI and Jensen-Shannon agree on counts, empty bins included")
    func counts() throws {
        for entry in golden.counts {
            let chi = try #require(ChiSquare.test(entry.a, entry.b))
            #expect(agree(chi.statistic, entry.chi2))
            #expect(agree(chi.pValue, entry.chi2P))
            #expect(agree(try #require(PopulationStability.index(reference: entry.a, current: entry.b)), entry.psi))
            #expect(agree(try #require(JensenShannon.distance(entry.a, entry.b)), entry.js))
        }
    }

    @Test("accuracy, precision, recall and F1 agree, binary and macro")
    func classification() throws {
        for entry in golden.classification {
            let metrics = try #require(
                ClassificationMetrics(truths: entry.truth, predictions: entry.prediction, positive: entry.positive))
            #expect(agree(metrics.accuracy, entry.accuracy))
            #expect(agree(metrics.precision, entry.precision))
            #expect(agree(metrics.recall, entry.recall))
            #expect(agree(metrics.f1, entry.f1))
        }
    }

    @Test("ROC AUC agrees, tied scores included")
    func roc() throws {
        for entry in golden.roc {
            #expect(agree(try #require(ROC.area(isPositive: entry.positive, scores: entry.score)), entry.auc))
        }
    }

    @Test("RMSE, MAE and R² agree, far from zero too")
    func regression() throws {
        for entry in golden.regression {
            let metrics = try #require(RegressionMetrics(truths: entry.truth, predictions: entry.prediction))
            #expect(agree(metrics.rmse, entry.rmse))
            #expect(agree(metrics.mae, entry.mae))
            #expect(agree(try #require(metrics.r2), entry.r2))
        }
    }

    @Test("mean and variance agree, in one pass and merged from parts")
    func moments() throws {
        for entry in golden.moments {
            var whole = Moments()
            var parts = [Moments(), Moments(), Moments()]
            for (index, value) in entry.values.enumerated() {
                whole.insert(value)
                parts[index % 3].insert(value)
            }
            var merged = Moments()
            for part in parts { merged.merge(part) }
            for moments in [whole, merged] {
                #expect(agree(moments.mean, entry.mean))
                // Welford's error grows with the condition number mean / deviation (Chan and Lewis 1979).
                let condition = abs(entry.mean) / max(entry.variance.squareRoot(), 1)
                let tolerance = max(1e-9, 4 * condition * .ulpOfOne)
                #expect(agree(try #require(moments.variance), entry.variance, tolerance: tolerance))
            }
        }
    }
}
