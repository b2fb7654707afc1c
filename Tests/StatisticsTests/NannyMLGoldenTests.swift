import Statistics
import Testing

@Suite("Drift measures agree with NannyML's")
struct NannyMLGoldenTests {
    @Test("Kolmogorov-Smirnov, Wasserstein, Jensen-Shannon and Hellinger of numbers, in Doane's bins")
    func numbers() throws {
        for c in try GoldenCase.all("nannyml_numbers") {
            let reference = SortedSample(try #require(c.a).values)
            let current = SortedSample(try #require(c.b).values)
            try c.expectStatistic(KolmogorovSmirnov.test(reference, current)?.statistic, "kolmogorov_smirnov")
            try c.expectStatistic(Wasserstein.distance(reference, current), "wasserstein")
            let edges = Binning.doane.edges(of: reference)
            var counts: [[Int]] = []
            for sample in [reference, current] {
                var histogram = EqualWidthHistogram(
                    low: edges[0], high: edges[edges.count - 1], bins: edges.count - 1)
                histogram.insert(contentsOf: sample.values.span)
                counts.append(histogram.counts + [histogram.below + histogram.above])
            }
            try c.expectStatistic(JensenShannon.distance(counts[0], counts[1], base: 2), "jensen_shannon")
            try c.expectStatistic(ShareDistances.hellinger(counts[0], counts[1]), "hellinger")
        }
    }

    @Test(
        "chi-square (with Yates where there are two categories), Jensen-Shannon, Hellinger and L-infinity of categories"
    )
    func categories() throws {
        for c in try GoldenCase.all("nannyml_categories") {
            let (x, y) = c.counts
            try c.expectStatistic(ChiSquare.contingency([x, y], yates: true)?.statistic, "chi2")
            try c.expectStatistic(JensenShannon.distance(x, y, base: 2), "jensen_shannon")
            try c.expectStatistic(ShareDistances.hellinger(x, y), "hellinger")
            try c.expectStatistic(ShareDistances.lInfinity(x, y), "l_infinity")
        }
    }
}
