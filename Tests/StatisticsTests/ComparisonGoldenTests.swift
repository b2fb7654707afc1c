import Statistics
import Testing

@Suite("Two-sample measures and tests agree with scipy and statsmodels")
struct ComparisonGoldenTests {
    let alternatives: [Alternative] = [.twoSided, .less, .greater]
    let named: [(String, Alternative)] = [("two-sided", .twoSided), ("less", .less), ("greater", .greater)]

    private func pair(_ c: GoldenCase) throws -> (SortedSample, SortedSample) {
        (SortedSample(try #require(c.a).values), SortedSample(try #require(c.b).values))
    }

    @Test(
        "Kolmogorov-Smirnov: exact, finite and automatic",
        arguments: [
            ("ks_exact", KolmogorovSmirnov.Method.exact), ("ks_finite", .finite), ("ks_automatic", .automatic),
        ])
    func kolmogorovSmirnov(name: String, method: KolmogorovSmirnov.Method) throws {
        for c in try GoldenCase.all(name) {
            let (a, b) = try pair(c)
            let result = try #require(KolmogorovSmirnov.test(a, b, method: method))
            try c.expectStatistic(result.statistic, "statistic")
            try c.expectPValue(result.pValue, "p", absolute: 1e-15)
        }
    }

    @Test("Wasserstein and energy distance")
    func distances() throws {
        for c in try GoldenCase.all("wasserstein") {
            let (a, b) = try pair(c)
            // A sum of gaps between values: its rounding is that of the values.
            let size = max(abs(a.values[0]), abs(a.values[a.count - 1]), abs(b.values[b.count - 1]))
            let absolute = 1e-14 * size
            try c.expect(Wasserstein.distance(a, b), "distance", relative: 1e-9, absolute: absolute)
            try c.expect(
                Wasserstein.normalizedDistance(reference: a, current: b), "normalized", relative: 1e-9,
                absolute: absolute / max(a.populationDeviation, 0.001))
        }
        for c in try GoldenCase.all("energy") {
            let (a, b) = try pair(c)
            try c.expectStatistic(EnergyDistance.distance(a, b), "distance")
        }
    }

    @Test("Cramér-von Mises, limiting and exact")
    func cramerVonMises() throws {
        for c in try GoldenCase.all("cvm_limiting") {
            let (a, b) = try pair(c)
            let result = try #require(CramerVonMises.test(a, b, method: .limiting, ties: .midranks))
            // Mid-ranks leave the statistic as the small difference of two terms of this size.
            let size = Double(a.count) * Double(b.count) / Double(a.count + b.count)
            try c.expect(result.statistic, "statistic", relative: 1e-9, absolute: 1e-9 + 1e-12 * size)
            try c.expectPValue(result.pValue, "p")
            // SciPy subtracts from 1 a series that it cuts at 1e-7.
            try c.expectPValue(result.pValue, "p_scipy", absolute: 1e-6)
        }
        for c in try GoldenCase.all("cvm_exact") {
            let (a, b) = try pair(c)
            let result = try #require(CramerVonMises.test(a, b, method: .exact, ties: .midranks))
            try c.expect(result.statistic, "statistic", relative: 1e-9, absolute: 1e-12)
            try c.expectPValue(result.pValue, "p")
            guard Set(a.values + b.values).count == a.count + b.count else { continue }
            let byDefinition = try #require(CramerVonMises.test(a, b, method: .exact))
            try c.expect(byDefinition.statistic, "statistic", relative: 1e-9, absolute: 1e-12)
            try c.expectPValue(byDefinition.pValue, "p")
        }
    }

    @Test("Anderson-Darling for two and more samples; p near SciPy's table where that is not clipped")
    func andersonDarling() throws {
        let two = try GoldenCase.all("anderson").map { ($0, [try pair($0).0, try pair($0).1]) }
        let more = try GoldenCase.all("anderson_k").map { c in
            (c, try #require(c.samples).map { SortedSample($0.values) })
        }
        var compared = 0
        for (c, samples) in two + more {
            let result = try #require(AndersonDarling.test(samples))
            try c.expect(result.statistic, "statistic", relative: 1e-9, absolute: 1e-11)
            let table = try #require(try c.number("p"))
            guard table > 0.0011, table < 0.249 else { continue }
            compared += 1
            try c.expectPValue(result.pValue, "p", relative: 0.05)
        }
        #expect(compared > 3)
    }

    @Test("Mann-Whitney: normal with and without continuity, exact, all alternatives")
    func mannWhitney() throws {
        for c in try GoldenCase.all("mwu_normal") {
            let (a, b) = try pair(c)
            let result = try #require(
                MannWhitney.test(
                    a, b, alternative: alternatives[Int(c.p[0])], method: .normal, continuity: c.p[1] == 1))
            try c.expectStatistic(result.statistic, "statistic")
            // SciPy gives NaN where all values tie and nothing corrects for continuity.
            guard try c.number("p") != nil else { continue }
            try c.expectPValue(result.pValue, "p")
        }
        for c in try GoldenCase.all("mwu_exact") {
            let (a, b) = try pair(c)
            let result = try #require(
                MannWhitney.test(a, b, alternative: alternatives[Int(c.p[0])], method: .exact))
            try c.expectStatistic(result.statistic, "statistic")
            try c.expectPValue(result.pValue, "p")
        }
    }

    @Test("the Hodges-Lehmann shift is the median of all differences, to the last bits")
    func hodgesLehmann() throws {
        for c in try GoldenCase.all("hodges_lehmann") {
            let (a, b) = try pair(c)
            try c.expect(MannWhitney.shift(a, b), "shift", relative: 1e-15, absolute: 0)
        }
    }

    @Test("t, Welch's and pooled, with intervals")
    func tTest() throws {
        for c in try GoldenCase.all("t_test") {
            let (a, b) = try pair(c)
            let test = try #require(
                TTest(a.values, b.values, equalVariances: c.p[1] == 1, alternative: alternatives[Int(c.p[0])]))
            // Means far from zero cost both libraries digits of their difference.
            let slack = 8 * Double.ulpOfOne * abs(a.mean) / test.standardError
            try c.expect(test.statistic, "statistic", relative: 1e-9, absolute: 1e-9 + slack)
            try c.expectPValue(test.pValue, "p", relative: 1e-7 + slack * max(1, abs(test.statistic)))
            try c.expectStatistic(test.degreesOfFreedom, "df", relative: 1e-9 + slack)
            let interval = test.interval()
            let reach = (1e-9 + slack) * (abs(interval.upper) + abs(interval.lower))
            try c.expect(interval.lower, "low", relative: 0, absolute: reach)
            try c.expect(interval.upper, "high", relative: 0, absolute: reach)
        }
    }

    @Test("shares: Hellinger, total variation, L-infinity, Jensen-Shannon, Kullback-Leibler, PSI")
    func shares() throws {
        for c in try GoldenCase.all("shares") {
            let (x, y) = c.counts
            try c.expectStatistic(ShareDistances.hellinger(x, y), "hellinger")
            try c.expectStatistic(ShareDistances.totalVariation(x, y), "tv")
            try c.expectStatistic(ShareDistances.lInfinity(x, y), "linf")
            try c.expect(JensenShannon.distance(x, y), "js", relative: 1e-9, absolute: 1e-9)
            try c.expect(JensenShannon.distance(x, y, base: 2), "js2", relative: 1e-9, absolute: 1e-9)
            try c.expectStatistic(KullbackLeibler.divergence(reference: x, current: y, emptyBins: .exact), "kl")
            try c.expectStatistic(PopulationStability.index(reference: x, current: y), "psi")
            try c.expectStatistic(
                PopulationStability.index(reference: x, current: y, emptyBins: .share(1e-4)), "psi_floor")
        }
    }

    @Test("chi-square and G on tables, with and without Yates, and goodness of fit")
    func contingency() throws {
        for c in try GoldenCase.all("contingency") + GoldenCase.all("contingency_rows") {
            let table = c.rows ?? [c.counts.0, c.counts.1]
            let yates = c.p.first == 1
            let chi = try #require(ChiSquare.contingency(table, yates: yates))
            let g = try #require(GTest.contingency(table, yates: yates))
            try c.expectStatistic(chi.statistic, "chi2")
            try c.expectPValue(chi.pValue, "p")
            try c.expect(g.statistic, "g", relative: 1e-9, absolute: 1e-12)
            try c.expectPValue(g.pValue, "g_p")
        }
        for c in try GoldenCase.all("goodness") {
            let shares = try #require(c.y)
            let result = try #require(ChiSquare.goodnessOfFit(c.counts.0, shares: shares))
            try c.expectStatistic(result.statistic, "chi2")
            try c.expectPValue(result.pValue, "p")
        }
    }

    @Test("Fisher's exact test, all alternatives")
    func fisher() throws {
        for c in try GoldenCase.all("fisher_exact") {
            let t = c.p.map { Int($0) }
            for (name, alternative) in named {
                let result = try #require(FisherExact.test(t[0], t[1], t[2], t[3], alternative: alternative))
                try c.expectPValue(result.pValue, name)
                try c.expectStatistic(result.statistic, "odds")
            }
        }
    }

    @Test("the z-test of proportions and their intervals")
    func proportions() throws {
        for c in try GoldenCase.all("proportions") {
            let t = c.p.map { Int($0) }
            for (name, alternative) in named {
                let result = try #require(
                    Proportions.zTest(t[0], of: t[1], t[2], of: t[3], alternative: alternative))
                // statsmodels gives NaN where all trials agree.
                guard let z = try c.number("z") else { continue }
                #expect(agree(result.statistic, z))
                try c.expectPValue(result.pValue, name)
            }
            let interval = try #require(Proportions.differenceInterval(t[0], of: t[1], t[2], of: t[3]))
            try c.expect(interval.lower, "low", relative: 1e-9, absolute: 1e-12)
            try c.expect(interval.upper, "high", relative: 1e-9, absolute: 1e-12)
        }
        for c in try GoldenCase.all("proportion_interval") {
            let wilson = try #require(Proportions.wilsonInterval(c.p[0], of: c.p[1], confidence: c.p[2]))
            let exact = try #require(Proportions.exactInterval(Int(c.p[0]), of: Int(c.p[1]), confidence: c.p[2]))
            try c.expect(wilson.lower, "wilson_low", relative: 1e-9, absolute: 1e-15)
            try c.expect(wilson.upper, "wilson_high", relative: 1e-9, absolute: 1e-15)
            // SciPy's root is found to 2e-12.
            try c.expect(exact.lower, "exact_low", relative: 1e-9, absolute: 2e-12)
            try c.expect(exact.upper, "exact_high", relative: 1e-9, absolute: 2e-12)
        }
    }

    @Test("bins, quantiles and histograms are NumPy's")
    func bins() throws {
        let rules: [Binning] = [.sturges, .doane, .scott, .freedmanDiaconis]
        for c in try GoldenCase.all("edges") {
            let edges = rules[Int(c.p[0])].edges(of: SortedSample(try #require(c.a).values))
            try c.expectStatistic(Double(edges.count - 1), "count")
            try c.expectStatistic(edges.first, "first")
            try c.expect(edges.dropFirst().first, "second", relative: 1e-12, absolute: 1e-14)
            try c.expectStatistic(edges.last, "last")
        }
        for c in try GoldenCase.all("quantiles") {
            let sample = SortedSample(try #require(c.a).values)
            for key in c.answers.keys { try c.expectStatistic(sample.quantile(try #require(Double(key))), key) }
        }
        for c in try GoldenCase.all("histogram") {
            let values = try #require(c.a).values
            var histogram = EqualWidthHistogram(low: -1, high: 1.5, bins: 20)
            histogram.insert(contentsOf: values.span)
            for (index, count) in histogram.counts.enumerated() {
                try c.expectStatistic(Double(count), String(index))
            }
            #expect(histogram.total + histogram.below + histogram.above == values.count)
        }
    }
}
