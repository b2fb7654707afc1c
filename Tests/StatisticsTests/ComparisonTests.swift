import Statistics
import Testing

@Suite("Two-sample tests by themselves")
struct ComparisonTests {
    @Test("empty, missing and single-valued samples are nil or without a finding, never a number out of nothing")
    func degenerate() throws {
        let empty = SortedSample([.nan, .nan])
        let one = SortedSample([1])
        #expect(empty.isEmpty && empty.nanCount == 2)
        #expect(KolmogorovSmirnov.test(empty, one) == nil && Wasserstein.distance(one, empty) == nil)
        #expect(EnergyDistance.distance(empty, one) == nil && CramerVonMises.test(one, one) == nil)
        #expect(AndersonDarling.test([one, one]) == nil && MannWhitney.test(empty, one) == nil)
        #expect(MannWhitney.shift(one, SortedSample([.infinity])) == nil)
        #expect(TTest([1, 1], [1, 1]) == nil && TTest([1], [1, 2]) == nil)
        let constant = SortedSample([Double](repeating: 2, count: 30))
        #expect(KolmogorovSmirnov.test(constant, constant, method: .automatic)?.pValue == 1)
        #expect(MannWhitney.test(constant, constant)?.pValue == 1)
        #expect(CramerVonMises.test(constant, constant)?.pValue == 1)
        #expect(AndersonDarling.test([constant, constant]) == nil)
        #expect(ChiSquare.contingency([[1, 2], [3]]) == nil && GTest.contingency([[1, 0], [3, 0]]) == nil)
        #expect(FisherExact.test(0, 0, 3, 4)?.pValue == 1 && FisherExact.test(-1, 0, 3, 4) == nil)
        #expect(Proportions.zTest(0, of: 0, 1, of: 2) == nil && Proportions.zTest(0, of: 5, 0, of: 9)?.pValue == 1)
        #expect(Binning.sturges.edges(of: empty).isEmpty)
        #expect(Binning.sturges.edges(of: constant) == [1.5, 2.5])
        #expect(PopulationStability.index(reference: empty, current: one) == nil)
    }

    @Test("exact methods give way before they would take minutes", .timeLimit(.minutes(1)))
    func exactLimits() throws {
        let a = SortedSample(Recipe.draw("uniform", 31, 150_000))
        let b = SortedSample(Recipe.draw("uniform", 32, 149_999))
        #expect(
            KolmogorovSmirnov.test(a, b, method: .exact)?.pValue
                == KolmogorovSmirnov.test(a, b, method: .finite)?.pValue)
        #expect(CramerVonMises.test(a, b, method: .exact) == CramerVonMises.test(a, b, method: .limiting))
        #expect(MannWhitney.test(a, b, method: .exact) == MannWhitney.test(a, b, method: .normal))
    }

    @Test("p-values keep the level on continuous and on tied data, and are near it on continuous data")
    func level() throws {
        let runs = Simulation.count(300, long: 5_000)
        for shape in ["normal", "discrete"] {
            var rejections: [String: Int] = [:]
            for run in 0..<runs {
                let a = SortedSample(Recipe.draw(shape, UInt64(10 * run + 1), 60))
                let b = SortedSample(Recipe.draw(shape, UInt64(10 * run + 5), 40))
                let pValues = [
                    "KS": KolmogorovSmirnov.test(a, b, method: .exact)?.pValue,
                    "CVM": CramerVonMises.test(a, b)?.pValue, "AD": AndersonDarling.test([a, b])?.pValue,
                    "MWU": MannWhitney.test(a, b)?.pValue, "t": TTest(a.values, b.values)?.pValue,
                ]
                for (name, pValue) in pValues where try #require(pValue) <= 0.1 { rejections[name, default: 0] += 1 }
            }
            for name in ["KS", "CVM", "AD", "MWU", "t"] {
                let count = rejections[name] ?? 0
                // The limit of Anderson and Darling is that of continuous data; SciPy's table rejects as often.
                let level = name == "AD" && shape == "discrete" ? 0.135 : 0.105
                #expect(Simulation.isWithin(count, of: runs, level: level), "\(name) \(shape): \(count) of \(runs)")
                if shape == "normal" {
                    let binomial = BinomialDistribution(trials: runs, probability: name == "KS" ? 0.06 : 0.095)
                    #expect(binomial.cdf(count) > 1e-4, "\(name): \(count) of \(runs)")
                }
            }
        }
    }

    @Test("among regroupings, Anderson-Darling keeps its level with ties, and agrees with its limit without")
    func permutation() throws {
        let runs = Simulation.count(100, long: 1_500)
        let rejections = try (0..<runs).count { run in
            let samples = [
                Recipe.draw("discrete", UInt64(10 * run + 4), 30), Recipe.draw("discrete", UInt64(10 * run + 8), 20),
            ]
            return try #require(AndersonDarling.permutationTest(samples, replicates: 99)).pValue <= 0.1
        }
        #expect(Simulation.isWithin(rejections, of: runs, level: 0.1), "\(rejections) of \(runs)")
        #expect(rejections > runs / 30)
        let samples = [Recipe.draw("normal", 41, 60), Recipe.draw("normal", 42, 50).map { $0 + 0.4 }]
        let limit = try #require(AndersonDarling.test(samples))
        let drawn = try #require(AndersonDarling.permutationTest(samples, replicates: 1_999))
        #expect(drawn.statistic == limit.statistic)
        #expect(abs(drawn.pValue - limit.pValue) < 0.02, "\(drawn.pValue), not \(limit.pValue)")
        #expect(AndersonDarling.permutationTest([[1, 1, 1], [1, 1, 1]]) == nil)
    }

    @Test("the limit of Anderson and Darling has the percentiles of the published table, for two samples and for five")
    func andersonDarlingTable() {
        // Scholz and Stephens 1987, table 1, m = 1 and 4, as (A² - m) / σ.
        let deviation = (2 * (Double.pi * Double.pi / 3 - 3)).squareRoot()
        for (samples, standardized, level) in [
            (2, 0.326, 0.25), (2, 1.225, 0.1), (2, 1.960, 0.05), (2, 2.719, 0.025), (2, 3.752, 0.01),
            (5, 0.525, 0.25), (5, 1.329, 0.1), (5, 1.894, 0.05), (5, 2.438, 0.025), (5, 3.139, 0.01),
        ] {
            let m = Double(samples - 1)
            let p = AndersonDarling.limitingSurvival(m + standardized * deviation * m.squareRoot(), samples: samples)
            #expect(abs(p / level - 1) < 0.03, "\(samples) \(standardized): \(p)")
        }
    }

    @Test("the interval of a shift covers it as often as promised")
    func shiftInterval() throws {
        let runs = Simulation.count(200, long: 4_000)
        var misses = 0
        for run in 0..<runs {
            let a = SortedSample(Recipe.draw("normal", UInt64(10 * run + 2), 30).map { $0 + 1 })
            let b = SortedSample(Recipe.draw("normal", UInt64(10 * run + 6), 25))
            let interval = try #require(MannWhitney.shiftInterval(a, b, confidence: 0.9))
            #expect(interval.contains(try #require(MannWhitney.shift(a, b))))
            if !interval.contains(1) { misses += 1 }
        }
        #expect(Simulation.isWithin(misses, of: runs, level: 0.1))
        #expect(misses > runs / 30)
    }

    @Test("Wasserstein and Kolmogorov-Smirnov from quantile sketches are near those of the data")
    func sketched() throws {
        var first = QuantileSketch()
        var second = QuantileSketch()
        let a = Recipe.draw("normal", 8, 20_000)
        let b = Recipe.draw("normal", 9, 10_000).map { $0 + 0.3 }
        for value in a { first.insert(value) }
        for value in b { second.insert(value) }
        let exact = try #require(Wasserstein.distance(a, b))
        #expect(abs(try #require(Wasserstein.distance(first, second)) - exact) < 0.05)
        let ks = try #require(KolmogorovSmirnov.test(a, b)).statistic
        #expect(abs(try #require(KolmogorovSmirnov.test(first, second)).statistic - ks) < 0.0266)
    }

    @Test("PSI without a change rejects at its level by its own distribution")
    func psi() throws {
        let runs = Simulation.count(300, long: 5_000)
        var rejections = 0
        for run in 0..<runs {
            let reference = SortedSample(Recipe.draw("uniform", UInt64(10 * run + 3), 2_000))
            let current = SortedSample(Recipe.draw("uniform", UInt64(10 * run + 7), 1_000))
            let bins = HistogramBins(edges: (1..<10).map { Double($0) / 10 })
            let index = try #require(
                PopulationStability.index(
                    reference: bins.counts(of: reference.values), current: bins.counts(of: current.values)))
            if PopulationStability.pValue(index, bins: 10, referenceRows: 2_000, currentRows: 1_000) <= 0.05 {
                rejections += 1
            }
        }
        #expect(Simulation.isWithin(rejections, of: runs, level: 0.06))
        #expect(rejections > 0)
    }
}
