import Statistics
import Testing

@Suite("Special functions and distributions agree with scipy, relative to the size of each tail")
struct DistributionGoldenTests {
    @Test("incomplete gamma and its inverses")
    func gamma() throws {
        for c in try GoldenCase.all("gamma") {
            // Far in the tail of a = 1e6 SciPy itself has nine digits.
            try c.expectPValue(SpecialFunctions.lowerIncompleteGamma(c.p[0], c.p[1]), "p", relative: 1e-9)
            try c.expectPValue(SpecialFunctions.upperIncompleteGamma(c.p[0], c.p[1]), "q", relative: 1e-9)
        }
        for c in try GoldenCase.all("gamma_inverse") {
            try c.expectStatistic(SpecialFunctions.inverseLowerIncompleteGamma(c.p[0], c.p[1]), "p", relative: 1e-10)
            try c.expectStatistic(SpecialFunctions.inverseUpperIncompleteGamma(c.p[0], c.p[1]), "q", relative: 1e-10)
        }
    }

    @Test("incomplete beta and its inverse")
    func beta() throws {
        for c in try GoldenCase.all("beta") {
            try c.expectPValue(SpecialFunctions.incompleteBeta(c.p[0], c.p[1], c.p[2]), "p", relative: 1e-9)
            try c.expectPValue(SpecialFunctions.incompleteBetaComplement(c.p[0], c.p[1], c.p[2]), "q", relative: 1e-9)
        }
        for c in try GoldenCase.all("beta_inverse") {
            try c.expectStatistic(SpecialFunctions.inverseIncompleteBeta(c.p[0], c.p[1], c.p[2]), "x")
        }
    }

    @Test("normal and Student")
    func symmetric() throws {
        for c in try GoldenCase.all("normal") {
            try c.expectPValue(NormalDistribution.cdf(c.p[0]), "cdf", relative: 1e-12)
            try c.expectPValue(NormalDistribution.survival(c.p[0]), "sf", relative: 1e-12)
        }
        for c in try GoldenCase.all("normal_inverse") {
            try c.expectStatistic(NormalDistribution.quantile(c.p[0]), "ppf", relative: 1e-13)
            try c.expectStatistic(NormalDistribution.inverseSurvival(c.p[0]), "isf", relative: 1e-13)
        }
        for c in try GoldenCase.all("student") {
            try c.expectPValue(StudentDistribution(degreesOfFreedom: c.p[0]).survival(c.p[1]), "sf", relative: 1e-9)
        }
        for c in try GoldenCase.all("student_inverse") {
            try c.expectStatistic(StudentDistribution(degreesOfFreedom: c.p[0]).quantile(c.p[1]), "ppf")
        }
    }

    @Test("chi-square and F")
    func positive() throws {
        for c in try GoldenCase.all("chi2") {
            let chi = ChiSquareDistribution(degreesOfFreedom: c.p[0])
            try c.expectPValue(chi.survival(c.p[1]), "sf", relative: 1e-10)
            try c.expectPValue(chi.cdf(c.p[1]), "cdf", relative: 1e-10)
        }
        for c in try GoldenCase.all("chi2_inverse") {
            let chi = ChiSquareDistribution(degreesOfFreedom: c.p[0])
            try c.expectStatistic(chi.quantile(c.p[1]), "ppf")
            try c.expectStatistic(chi.inverseSurvival(c.p[1]), "isf")
        }
        for c in try GoldenCase.all("fisher_f") {
            let f = FisherDistribution(numerator: c.p[0], denominator: c.p[1])
            try c.expectPValue(f.survival(c.p[2]), "sf", relative: 1e-9)
            try c.expectPValue(f.cdf(c.p[2]), "cdf", relative: 1e-9)
        }
        for c in try GoldenCase.all("fisher_f_inverse") {
            try c.expectStatistic(FisherDistribution(numerator: c.p[0], denominator: c.p[1]).quantile(c.p[2]), "ppf")
        }
    }

    @Test("binomial and hypergeometric, and the exact binomial test")
    func discrete() throws {
        for c in try GoldenCase.all("binomial") {
            let binomial = BinomialDistribution(trials: Int(c.p[0]), probability: c.p[1])
            let k = Int(c.p[2])
            try c.expectPValue(binomial.mass(k), "pmf", relative: 1e-9)
            try c.expectPValue(binomial.cdf(k), "cdf", relative: 1e-9)
            try c.expectPValue(binomial.survival(k), "sf", relative: 1e-9)
            try c.expectPValue(binomial.twoSidedPValue(k), "test", relative: 1e-9)
        }
        for c in try GoldenCase.all("hypergeometric") {
            let hypergeometric = HypergeometricDistribution(
                population: Int(c.p[0]), marked: Int(c.p[1]), draws: Int(c.p[2]))
            let k = Int(c.p[3])
            try c.expectPValue(hypergeometric.mass(k), "pmf", relative: 1e-9)
            try c.expectPValue(hypergeometric.cdf(k), "cdf", relative: 1e-9)
            try c.expectPValue(hypergeometric.survivalInclusive(k), "sf", relative: 1e-9)
        }
    }

    @Test("Kolmogorov's and Smirnov's distributions for finite samples")
    func kolmogorov() throws {
        for c in try GoldenCase.all("kstwo") {
            let distribution = KolmogorovDistribution(sampleSize: Int(c.p[0]))
            try c.expectPValue(distribution.survival(c.p[1]), "sf", absolute: 1e-14)
        }
        for c in try GoldenCase.all("smirnov") {
            let distribution = KolmogorovDistribution(sampleSize: Int(c.p[0]))
            try c.expectPValue(distribution.smirnovSurvival(c.p[1]), "sf", relative: 1e-9)
        }
    }

    @Test("the scaled Bessel function and the limit of Cramér and von Mises, on both sides of its change of method")
    func limits() throws {
        for c in try GoldenCase.all("bessel_k") {
            try c.expectStatistic(SpecialFunctions.scaledBesselK(c.p[0], c.p[1]), "kve", relative: 1e-12)
        }
        for c in try GoldenCase.all("cvm_limit") {
            try c.expectPValue(CramerVonMises.limitingSurvival(c.p[0]), "sf", relative: 1e-9)
        }
    }

    @Test("outside of the domain there is NaN, at its ends the limits")
    func domain() {
        #expect(SpecialFunctions.incompleteBeta(-1, 1, 0.5).isNaN)
        #expect(SpecialFunctions.inverseIncompleteBeta(1, 1, 2).isNaN)
        #expect(NormalDistribution.quantile(-0.1).isNaN)
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1) == .infinity)
        #expect(StudentDistribution(degreesOfFreedom: 3).survival(.infinity) == 0)
        #expect(SpecialFunctions.upperIncompleteGamma(2, .infinity) == 0)
        #expect(ChiSquareDistribution(degreesOfFreedom: 2).survival(-1) == 1)
    }
}
