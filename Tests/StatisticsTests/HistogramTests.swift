import Statistics
import Testing

@Suite("Bins and counters")
struct HistogramTests {
    @Test("every number has one bin, edges belong to the bin on their left")
    func bins() {
        let bins = HistogramBins(edges: [2, 1, 2, .nan, .infinity])
        #expect(bins.edges == [1, 2])
        #expect([-Double.infinity, 1, 1.5, 2, 2.1, .infinity].map(bins.index) == [0, 0, 1, 1, 2, 2])
        #expect(bins.counts(of: [0, 1, 2, 3, .nan]) == [2, 1, 1])
    }

    @Test("quantile bins of a continuous reference hold about equal shares")
    func quantileBins() {
        var random = SplitMix64(seed: 1)
        var sketch = QuantileSketch()
        let values = (0..<10_000).map { _ in Double.random(in: 0..<1, using: &random) }
        for value in values { sketch.insert(value) }
        let bins = HistogramBins(quantilesOf: sketch, count: 10)
        #expect(bins.count == 10)
        for count in bins.counts(of: values) { #expect(abs(count - 1000) < 300) }
    }

    @Test("a value that fills half of the reference has a bin of its own")
    func pointMass() {
        var sketch = QuantileSketch()
        for value in 0..<100 { sketch.insert(value < 50 ? 0 : Double(value)) }
        let bins = HistogramBins(quantilesOf: sketch, count: 10)
        #expect(bins.edges.first == 0)
        #expect(bins.count < 10)
        #expect(HistogramBins(around: [1, 0, 1]).edges == [0.5])
    }

    @Test("grouping joins fine bins into coarse ones of equal share and loses no row")
    func grouping() {
        let grouping = BinGrouping(equalShares: [Int](repeating: 10, count: 100), target: 10)
        #expect(grouping.count == 10)
        #expect(grouping.coarse([Int](repeating: 1, count: 100)) == [Int](repeating: 10, count: 10))
        let uneven = BinGrouping(equalShares: [90, 1, 1, 1, 1, 1, 5], target: 10)
        #expect(uneven.coarse([90, 1, 1, 1, 1, 1, 5]).reduce(0, +) == 100)
        #expect(uneven.count == 2)
    }

    @Test("KS on bins never exceeds the exact statistic and misses it by less than a bin's share")
    func binnedKolmogorovSmirnov() throws {
        var random = SplitMix64(seed: 4)
        let a = (0..<5_000).map { _ in Double.random(in: 0..<1, using: &random) }
        let b = (0..<1_000).map { _ in Double.random(in: 0.05..<1.05, using: &random) }
        var sketch = QuantileSketch()
        for value in a { sketch.insert(value) }
        let bins = HistogramBins(quantilesOf: sketch, count: 100)
        let exact = try #require(KolmogorovSmirnov.test(a, b)).statistic
        let binned = try #require(KolmogorovSmirnov.test(binned: bins.counts(of: a), bins.counts(of: b))).statistic
        #expect(binned <= exact)
        #expect(exact - binned < 0.03)
    }

    @Test("the category counter names no more than its bound and loses no row")
    func categories() {
        var first = CategoryCounter(categoriesMax: 2)
        for value in ["a", "b", "a", "c", "d"] { first.insert(value) }
        #expect(first.counts == ["a": 2, "b": 1])
        #expect(first.other == 2)
        var second = CategoryCounter(categoriesMax: 3)
        second.insert("z", times: 5)
        second.merge(first)
        #expect(second.total == 10)
        #expect(second.top(2).values.map(\.value) == ["z", "a"])
        #expect(second.top(2).other == 3)
    }

    @Test("rare categories are pooled before chi-square")
    func pooling() throws {
        let plain = try #require(ChiSquare.test([1000, 0, 0, 0], [1000, 1, 1, 1]))
        let pooled = try #require(ChiSquare.test([1000, 0, 0, 0], [1000, 1, 1, 1], poolingExpectedBelow: 5))
        #expect(pooled.pValue < plain.pValue)
        #expect(ChiSquare.test([10], [20])?.pValue == 1)
        #expect(ChiSquare.test([0], [20]) == nil)
    }

    @Test("latency quantiles are within 3.2 % from a microsecond to two minutes, and merge")
    func latency() throws {
        var slow = LogHistogram()
        var fast = LogHistogram()
        for value in 1...1000 {
            fast.insert(nanoseconds: Int64(value) * 1_000)
            slow.insert(nanoseconds: Int64(value) * 100_000_000)
        }
        for share in [0.01, 0.5, 0.9, 0.99] {
            #expect(abs(try #require(fast.quantileNanoseconds(share)) / (share * 1_000_000) - 1) < 0.032)
            #expect(abs(try #require(slow.quantileNanoseconds(share)) / (share * 100_000_000_000) - 1) < 0.032)
        }
        var merged = fast
        merged.merge(slow)
        #expect(merged.total == 2000)
        #expect(merged == LogHistogram(counts: merged.counts))
        #expect(LogHistogram().quantileNanoseconds(0.5) == nil)
        #expect(LogHistogram.bucket(nanoseconds: -5) == 0)
        #expect(LogHistogram.bucket(nanoseconds: .max) == LogHistogram.bucketCount - 1)
    }

    @Test("metrics without their classes or rows are nil, not a number")
    func undefined() {
        #expect(ROC.area(isPositive: [true, true], scores: [0.1, 0.2]) == nil)
        #expect(ClassificationMetrics(truths: [], predictions: [], positive: nil) == nil)
        #expect(RegressionMetrics(truths: [1], predictions: [2])?.r2 == nil)
        #expect(PopulationStability.index(reference: [1], current: [0]) == nil)
        #expect(JensenShannon.distance([1], [1, 2]) == nil)
        #expect(SpecialFunctions.upperIncompleteGamma(-1, 1).isNaN)
    }
}
